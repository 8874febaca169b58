"""Asks one state of tantivy's index within the borders of one actor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import tantivy
from tantivy import FieldType, Occur, Order

from yidang.search import asking, permit
from yidang.search import schema as s
from yidang.search.backend import After, Borders, Counts, Question, Ranked
from yidang.search.compiling import FIELDS, Words, condition

# When the index changed between two pages, the last hit is looked for this far around its old place.
AROUND = 200
MOST = 1000  # values of a facet

# Orders by a field in which every record has a place of its own.
_PLACED = {
    asking.NEWEST: (s.BY_DATE, Order.Desc),
    asking.OLDEST: (s.BY_DATE, Order.Asc),
    asking.RECEIVED: (s.BY_RECEIVED, Order.Desc),
}
_TQ = tantivy.Query


@dataclass(frozen=True)
class Finding:
    """The embedded engine's finder; what borders mean is worked out once for all the questions of a search."""

    searcher: tantivy.Searcher
    generation: str
    borders: Borders

    def rank(self, question: Question, sort: str, after: After | None, limit: int) -> Ranked:
        """One page of a question's records."""
        asked = self._compiled(question)
        if sort in _PLACED:
            return self._by_place(asked, sort, after, limit)
        offset = self._resume(asked, sort, after) if after else 0
        found = self._find(asked, sort, limit + 1, offset)
        ids = self._ids(found)
        return Ranked(ids[:limit], [0] * min(limit, len(ids)), found.count or 0, len(ids) > limit, offset)

    def counter(
        self, planned: Sequence[tuple[Question, Sequence[str]]], pending: Question
    ) -> Callable[[], tuple[Counts, int]]:
        """Counts by facet and value, and how many entries wait for their text."""
        asked = [(self._compiled(question), names) for question, names in planned]
        waiting = self._compiled(pending)

        def count() -> tuple[Counts, int]:
            counts: Counts = {}
            for question, names in asked:
                wanted = {name: {"terms": {"field": FIELDS[name], "size": MOST}} for name in names}
                for name, found in self.searcher.aggregate(question, wanted).items():
                    counts[name] = {bucket["key"]: int(bucket["doc_count"]) for bucket in found["buckets"]}
            return counts, self.searcher.search(waiting, limit=1, count=True).count or 0

        return count

    @cached_property
    def _within(self) -> list[tuple[Occur, tantivy.Query]]:
        """The catalogue entries within reach, apart from those that the database answers for."""
        found = permit.reached(self.borders.see, self.borders.classes)
        if self.borders.left_out:
            found.append((Occur.MustNot, permit.one_of(s.ID, self.borders.left_out)))
        return found

    @cached_property
    def _viewed(self) -> list[tuple[Occur, tantivy.Query]]:
        """Where, of what is seen, page texts may match."""
        view = self.borders.view
        return [] if view is None else permit.within(self.borders.see, view, self.borders.classes)

    @cached_property
    def _words(self) -> Words:
        view = self.borders.view
        no_text = self.borders.see.is_empty if view is None else view.is_empty
        narrow = [(occur, query) for occur, query in self._within if occur == Occur.Must]
        return Words(self._viewed, narrow, sees_no_text=no_text)

    def _compiled(self, question: Question) -> tantivy.Query:
        conditions = [condition(narrowed) for narrowed in question.filters] + self._within
        if question.pending:
            conditions.append((Occur.Must, _TQ.term_query(s.schema(), s.PENDING, 1)))
            conditions += self._viewed
        if question.terms:
            words = self._words if question.texts else Words(sees_no_text=True)
            if question.way != words.way:
                words = replace(words, way=question.way)
            conditions = [*words.all_of(question.terms), *conditions]
        if not any(occur == Occur.Must for occur, _ in conditions):
            conditions.append((Occur.Must, _TQ.const_score_query(_TQ.all_query(), 0.0)))
        return _TQ.boolean_query(conditions)

    def _by_place(self, question: tantivy.Query, sort: str, after: After | None, limit: int) -> Ranked:
        field, order = _PLACED[sort]
        asked = question
        if after:
            descending = order == Order.Desc
            beyond = _TQ.range_query(
                s.schema(),
                field,
                FieldType.Integer,
                lower_bound=None if descending else after.place,
                upper_bound=after.place if descending else None,
                include_lower=descending,
                include_upper=not descending,
            )
            asked = _TQ.boolean_query([(Occur.Must, question), (Occur.Must, beyond)])
        found = self.searcher.search(asked, limit=limit + 1, count=True, order_by_field=field, order=order)
        ids = self._ids(found)
        places = [int(place) for place, _address in found.hits]
        before = after.offset if after else 0
        return Ranked(ids[:limit], places[:limit], before + (found.count or 0), len(ids) > limit, before)

    def _find(self, question: tantivy.Query, sort: str, limit: int, offset: int) -> tantivy.SearchResult:
        if sort == asking.CODE:
            return self.searcher.search(
                question, limit=limit, offset=offset, count=True, order_by_field=s.BY_CODE, order=Order.Asc
            )
        return self.searcher.search(question, limit=limit, offset=offset, count=True)

    def _resume(self, question: tantivy.Query, sort: str, after: After) -> int:
        """The offset after the last record shown, found again when the index has moved on since."""
        if self.generation == after.generation:
            return after.offset
        start = max(0, after.offset - AROUND)
        near = self._ids(self._find(question, sort, 2 * AROUND, start))
        return start + near.index(after.last) + 1 if after.last in near else after.offset

    def _ids(self, found: tantivy.SearchResult) -> list[int]:
        addresses = [address for _score, address in found.hits]
        values = list(self.searcher.fast_field_values(s.ID, addresses)) if addresses else []
        return [one[0] if isinstance(one, list) else one for one in values]
