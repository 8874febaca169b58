"""Answers from the database for the few records whose permission changed after the state of the index that is searched."""

from collections.abc import Sequence
from dataclasses import dataclass

from yidang.catalogue.models import Record
from yidang.search import asking, entries
from yidang.search.asking import Filter, Query
from yidang.search.backend import SIMILAR, Counts, Ranked
from yidang.search.marking import has_term
from yidang.search.narrowing import Narrowing, year_range
from yidang.search.normal import normalise
from yidang.search.orders import PLACED, Cursor
from yidang.search.pagetext import read_documents
from yidang.search.scope import Scope
from yidang.search.terms import Term

_CHUNK = 200


def answer(scope: Scope, terms: Sequence[Term], query: Query, way: str) -> list[Record]:
    """Those of the changed records that the actor sees now and that match."""
    found = []
    narrowing = Narrowing(query.filters, scope.classes)
    for start in range(0, len(scope.changed), _CHUNK):
        ids = scope.changed[start : start + _CHUNK]
        viewed = set(Record.objects.reached_by(scope.view).filter(pk__in=ids).values_list("pk", flat=True))
        for record in entries.ready(Record.objects.reached_by(scope.see).filter(pk__in=ids)):
            if _filtered(record, query, narrowing) and _matches(record, terms, record.pk in viewed, way):
                found.append(record)
    return found


def _matches(record: Record, terms: Sequence[Term], viewable: bool, way: str) -> bool:
    parts = entries.parts_of(record)
    described: dict[str, list[str]] = {}
    for name, text in parts.described():
        described.setdefault(name, []).append(normalise(text))
    bodies: list[str] = []
    if viewable and terms:
        pages = read_documents(record.public_id, entries.documents_of(record))
        bodies = [normalise(text) for text in (*parts.guarded, *(page for texts in pages.values() for page in texts))]
    if any(term.excluded and has_term(term, described, bodies) for term in terms):
        return False
    wanted = [has_term(term, described, bodies) for term in terms if not term.excluded]
    return (any(wanted) if way == SIMILAR else all(wanted)) if wanted else True


def _filtered(record: Record, query: Query, narrowing: Narrowing) -> bool:
    return all(_passes(record, name, narrowed, narrowing) for name, narrowed in query.filters.items())


def _passes(record: Record, name: str, narrowed: Filter, narrowing: Narrowing) -> bool:
    return (not narrowed.only or _is(record, name, narrowed.only, narrowing)) and not (
        narrowed.never and _is(record, name, narrowed.never, narrowing)
    )


def _is(record: Record, name: str, values: tuple[str, ...], narrowing: Narrowing) -> bool:
    if name == asking.CLASS:
        return record.record_class_id in narrowing.class_ids(values)
    if name in {asking.YEAR, asking.LEVEL}:
        number = record.year if name == asking.YEAR else record.level
        ranges = [borders for borders in map(year_range, values) if borders]
        return any((low is None or low <= number) and (high is None or number <= high) for low, high in ranges)
    return not keys_of(record, name).isdisjoint(values)


def keys_of(record: Record, name: str) -> set[str]:
    """The values of a facet that a record has."""
    if name == asking.DEPARTMENT:
        return {record.department.key} if record.department else set()
    if name == asking.ROLE:
        return {document.role for document in entries.documents_of(record)}
    if name == asking.FACT:
        return set(entries.facts_of(record))
    return {str(getattr(record, name))}


def add_counts(counts: Counts, records: Sequence[Record]) -> Counts:
    """The counts with these records."""
    for record in records:
        for name, values in counts.items():
            if name == asking.CLASS:
                keys: list[int | str] = [record.record_class_id]
            elif name == asking.DEPARTMENT:
                keys = [record.department_id or 0]
            elif name in {asking.YEAR, asking.LEVEL}:
                keys = [record.year if name == asking.YEAR else record.level]
            else:
                keys = [*keys_of(record, name)]
            for key in keys:
                values[key] = values.get(key, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Page:
    """The records of a page in their order."""

    ids: list[int]


def merge(records: Sequence[Record], ranked: Ranked, query: Query, cursor: Cursor | None) -> Page:
    """Put the database's records at their places among the index's; where the order has no places, before the first page."""
    if not records:
        return Page(ranked.ids)
    if query.sort not in PLACED:
        return Page(ranked.ids if cursor else [*(record.pk for record in records), *ranked.ids])
    place = entries.received_place if query.sort == asking.RECEIVED else entries.date_place
    sign = 1 if query.sort == asking.OLDEST else -1
    after = sign * cursor.place if cursor else None
    until = sign * ranked.places[-1] if ranked.more else None
    rows = [(sign * own, pk) for own, pk in zip(ranked.places, ranked.ids, strict=True)]
    for record in records:
        own = sign * place(record)
        if (after is None or own > after) and (until is None or own <= until):
            rows.append((own, record.pk))
    return Page([pk for _own, pk in sorted(rows)])
