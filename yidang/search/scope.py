"""The borders of one search: who asks, what they reach, which state of the index answers, what it may not answer for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import tantivy
from tantivy import Occur

from yidang.catalogue.models import RecordChange
from yidang.catalogue.models.records import class_facts
from yidang.common.actor import Actor
from yidang.permissions.reach import SEE, VIEW, ClassFacts, Reach, reach
from yidang.search import permit
from yidang.search import schema as s
from yidang.search.asking import Query
from yidang.search.compiling import EXACT, Narrowing, Words
from yidang.search.reader import Snapshot
from yidang.search.terms import Term

_TQ = tantivy.Query


def _same(one: Reach, other: Reach) -> bool:
    def ways(reached: Reach) -> set[tuple]:
        return {
            (
                c.class_ids,
                c.department_ids,
                c.patients,
                c.record_ids,
                c.max_level,
                c.not_owner,
                c.not_records,
                c.not_patients,
            )
            for c in reached.clauses
        }

    return ways(one) == ways(other)


@dataclass(frozen=True)
class Scope:
    """Computed once for a search; every count, facet and hit of it stays inside."""

    actor: Actor
    snapshot: Snapshot
    classes: Sequence[ClassFacts]
    see: Reach
    view: Reach

    @classmethod
    def of(cls, actor: Actor, snapshot: Snapshot) -> "Scope":
        """What this actor reaches now."""
        classes = class_facts()
        return cls(actor, snapshot, classes, reach(actor, SEE, classes), reach(actor, VIEW, classes))

    @cached_property
    def changed(self) -> list[int]:
        """Records whose permission changed, or that are gone, after the index's place: the database answers for them."""
        later = RecordChange.objects.filter(
            seq__gt=self.snapshot.seq, kind__in=[RecordChange.PERMISSION, RecordChange.REMOVED]
        )
        return sorted(set(later.values_list("record_id", flat=True)))

    @cached_property
    def borders(self) -> list[tuple[Occur, tantivy.Query]]:
        """The catalogue entries within reach, apart from those that the database answers for."""
        found = []
        reached = permit.reached(self.see, self.classes)
        if reached is not None:
            found.append((Occur.Must, reached))
        if self.changed:
            found.append((Occur.MustNot, permit.one_of(s.ID, self.changed)))
        return found

    @cached_property
    def viewed(self) -> tantivy.Query | None:
        """Where page texts may match beyond the borders; None when everything seen may be viewed."""
        return None if _same(self.see, self.view) else permit.reached(self.view, self.classes)

    @cached_property
    def _words(self) -> Words:
        return Words(view=self.viewed, sees_no_text=self.view.is_empty)

    def words(self, way: str = EXACT) -> Words:
        """The maker of questions for terms."""
        return self._words if way == EXACT else replace(self._words, way=way)

    def question(self, terms: Sequence[Term], query: Query, *, way: str = EXACT, without: str = "") -> tantivy.Query:
        """The whole question: terms, filters, borders."""
        narrowing = Narrowing(query.filters, self.classes)
        asked = self.words(way).all_of(terms)
        conditions = [*asked, *narrowing.conditions(without=without), *self.borders]
        if not any(occur == Occur.Must for occur, _ in conditions):
            conditions.append((Occur.Must, _TQ.const_score_query(_TQ.all_query(), 0.0)))
        return _TQ.boolean_query(conditions)
