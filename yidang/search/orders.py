"""Orders of hits and the places in them: opaque signed cursors, without a doubled or a lost record at a border."""

from dataclasses import dataclass

import tantivy
from django.core import signing
from django.utils.translation import gettext as _
from tantivy import FieldType, Occur, Order

from yidang.common.errors import InvalidInput
from yidang.search import asking
from yidang.search import schema as s
from yidang.search.scope import Scope

SALT = "yidang.search.place"
# When the index changed between two pages, the last hit is looked for this far around its old place.
AROUND = 200

_TQ = tantivy.Query
# Orders by a field in which every record has a place of its own.
PLACED = {
    asking.NEWEST: (s.BY_DATE, Order.Desc),
    asking.OLDEST: (s.BY_DATE, Order.Asc),
    asking.RECEIVED: (s.BY_RECEIVED, Order.Desc),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an order: the last record shown and where it stood.

    :param way: how the question was widened on the first page, so that later pages ask the same
    """

    sort: str
    way: str
    last: int
    place: int
    offset: int
    generation: str

    def pack(self) -> str:
        """For the address."""
        return signing.dumps(
            [self.sort, self.way, self.last, self.place, self.offset, self.generation], salt=SALT, compress=True
        )


def read_cursor(text: str, sort: str) -> Cursor | None:
    """The place that an address means; None for the first page.

    :raises InvalidInput: it is damaged or belongs to another order
    """
    if not text:
        return None
    try:
        cursor = Cursor(*signing.loads(text[:2000], salt=SALT))
        if cursor.sort == sort:
            return cursor
    except (signing.BadSignature, TypeError, ValueError):
        pass  # answered below: a damaged place and one of another order are refused alike
    raise InvalidInput(
        _("This place in the list is no longer known."),
        code="bad_cursor",
        field="cursor",
        remedy=_("Begin again from the first page of the list."),
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """The records of one page in their order; ``total`` counts all, ``more`` tells of another page."""

    ids: list[int]
    places: list[int]
    total: int
    more: bool
    offset: int


def rank(scope: Scope, question: tantivy.Query, sort: str, cursor: Cursor | None, limit: int) -> Ranked:
    """One page of a question's records."""
    searcher = scope.snapshot.searcher
    if sort in PLACED:
        return _by_place(searcher, question, sort, cursor, limit)
    offset = _resume(scope, question, sort, cursor) if cursor else 0
    found = _find(searcher, question, sort, limit + 1, offset)
    ids = _ids(searcher, found)
    return Ranked(ids[:limit], [0] * min(limit, len(ids)), found.count or 0, len(ids) > limit, offset)


def _by_place(
    searcher: tantivy.Searcher, question: tantivy.Query, sort: str, cursor: Cursor | None, limit: int
) -> Ranked:
    field, order = PLACED[sort]
    asked = question
    if cursor:
        descending = order == Order.Desc
        beyond = _TQ.range_query(
            s.schema(),
            field,
            FieldType.Integer,
            lower_bound=None if descending else cursor.place,
            upper_bound=cursor.place if descending else None,
            include_lower=descending,
            include_upper=not descending,
        )
        asked = _TQ.boolean_query([(Occur.Must, question), (Occur.Must, beyond)])
    found = searcher.search(asked, limit=limit + 1, count=True, order_by_field=field, order=order)
    ids = _ids(searcher, found)
    places = [int(place) for place, _address in found.hits]
    before = cursor.offset if cursor else 0
    return Ranked(ids[:limit], places[:limit], before + (found.count or 0), len(ids) > limit, before)


def _find(
    searcher: tantivy.Searcher, question: tantivy.Query, sort: str, limit: int, offset: int
) -> tantivy.SearchResult:
    if sort == asking.CODE:
        return searcher.search(
            question, limit=limit, offset=offset, count=True, order_by_field=s.BY_CODE, order=Order.Asc
        )
    return searcher.search(question, limit=limit, offset=offset, count=True)


def _resume(scope: Scope, question: tantivy.Query, sort: str, cursor: Cursor) -> int:
    """The offset after the last record shown, found again when the index has moved on since."""
    if scope.snapshot.generation == cursor.generation:
        return cursor.offset
    start = max(0, cursor.offset - AROUND)
    near = _ids(scope.snapshot.searcher, _find(scope.snapshot.searcher, question, sort, 2 * AROUND, start))
    return start + near.index(cursor.last) + 1 if cursor.last in near else cursor.offset


def _ids(searcher: tantivy.Searcher, found: tantivy.SearchResult) -> list[int]:
    return [
        one[0] if isinstance(one, list) else one
        for one in _values(searcher, [address for _score, address in found.hits])
    ]


def _values(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress]) -> list:
    return list(searcher.fast_field_values(s.ID, addresses)) if addresses else []
