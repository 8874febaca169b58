"""The borders of one search: who asks, what they reach, which state of the index answers, what it may not answer for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from yidang.catalogue.models import RecordChange
from yidang.catalogue.models.records import class_facts
from yidang.common.actor import Actor
from yidang.permissions.reach import SEE, VIEW, ClassFacts, Reach, reach
from yidang.search.backend import Borders, Finder, Snapshot


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
    def views_all(self) -> bool:
        """Whether everything that is seen may be viewed as well."""
        return _same(self.see, self.view)

    @cached_property
    def finder(self) -> Finder:
        """Asks the index within what this actor reaches."""
        view = None if self.views_all else self.view
        return self.snapshot.within(Borders(self.see, view, self.classes, self.changed))
