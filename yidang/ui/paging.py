"""Keyset paging for pages and API alike: an opaque signed cursor, the same on SQLite and PostgreSQL, the total never counted."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yidang.common import prepared
from yidang.common.errors import InvalidInput

SALT = "yidang.ui.paging"
MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``next`` and ``previous`` are cursors or empty."""

    items: list[Any]
    next: str
    previous: str
    limit: int

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def as_json(self, items: list[Any]) -> dict[str, Any]:
        """The form of lists in the API."""
        return {"items": items, "next": self.next or None}


@dataclass(frozen=True, slots=True)
class Strands:
    """Sets of rows that together are a list, each with an index that orders it.

    :param key: names the sets with everything in them that is not among the values, so that the question is made once
    :param build: the sets for these values, at least one
    """

    key: Hashable
    build: Callable[..., Sequence[QuerySet[Any]]]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    descending: bool
    nulls_last: bool = True

    def reversed(self) -> "_Key":
        return _Key(self.name, not self.descending, not self.nulls_last)

    def ordering(self, nullable: bool) -> Any:
        if not nullable:  # PostgreSQL uses no index for an order of nulls other than its own
            return F(self.name).desc() if self.descending else F(self.name).asc()
        where = {"nulls_last": True} if self.nulls_last else {"nulls_first": True}
        return F(self.name).desc(**where) if self.descending else F(self.name).asc(**where)

    def beyond(self, value: Any, nullable: bool) -> Q | None:
        """Rows that come after ``value`` by this key alone; None where there can be none."""
        if value is None:
            return None if self.nulls_last else Q(**{f"{self.name}__isnull": False})
        after = Q(**{f"{self.name}__{'lt' if self.descending else 'gt'}": value})
        return after | Q(**{f"{self.name}__isnull": True}) if self.nulls_last and nullable else after


def page(
    queryset: QuerySet[Any],
    *,
    order_by: Sequence[str],
    cursor: str = "",
    limit: int = 50,
    strands: Strands | None = None,
) -> Page:
    """Read one page of ``queryset`` in the order of ``order_by`` (names as in ``QuerySet.order_by``; ``pk`` is added).

    Rows without a value come last in either direction. Annotations may be used to sort by.

    :param limit: rows on a page, at most 200
    :param strands: where the list is read from: each strand no further than one page, where the whole would have to
        be gathered and sorted first; ``queryset`` then only says what is fetched
    :raises InvalidInput: the cursor is damaged or belongs to a list in another order
    """
    keys = [_Key(name.lstrip("-"), name.startswith("-")) for name in order_by]
    if not keys or keys[-1].name not in {"pk", "id"}:
        keys.append(_Key("pk", keys[-1].descending if keys else False))
    spec = ",".join(("-" if key.descending else "") + key.name for key in keys)
    limit = max(1, min(limit, MOST))
    backwards, values = _read(cursor, spec) if cursor else (False, None)
    walked = [key.reversed() for key in keys] if backwards else keys
    ordering = [key.ordering(_nullable(queryset, key.name)) for key in walked]
    if strands is not None:
        found = _from_strands(queryset, strands, walked, ordering, values, limit + 1)
    else:
        after = Q() if values is None else _after(walked, values, queryset)
        found = list(queryset.filter(after).order_by(*ordering)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(found), more) if backwards else (more, values is not None and bool(found))
    return Page(
        items=found,
        next=_write(spec, keys, found[-1], False) if found and has_next else "",
        previous=_write(spec, keys, found[0], True) if found and has_previous else "",
        limit=limit,
    )


def _from_strands(
    queryset: QuerySet[Any], strands: Strands, walked: list[_Key], ordering: Sequence[Any], values: list[Any] | None, most: int
) -> list[Any]:  # fmt: skip
    """The first rows after these values: their keys by a question that is made once, then the rows."""
    place = {} if values is None else {f"after_{number}": value for number, value in enumerate(values)}

    def keys(**given: Any) -> QuerySet[Any, Any]:
        beyond = [given.pop(name) for name in place]
        after = _after(walked, beyond, queryset) if place else Q()
        first = _beginnings(strands.build(**given), ordering, after, most)
        return queryset.model._default_manager.filter(pk__in=first).order_by(*ordering).values_list("pk")[:most]

    asked = prepared.rows((strands.key, tuple(walked), most), keys, queryset.db, **strands.values, **place)
    return list(queryset.filter(pk__in=[pk for (pk,) in asked]).order_by(*ordering))


def _beginnings(strands: Sequence[QuerySet[Any]], ordering: Sequence[Any], after: Q, most: int) -> QuerySet[Any]:
    """The first rows of each strand, as a query for their keys."""
    model = strands[0].model
    firsts = [strand.filter(after).order_by(*ordering).values("pk")[:most] for strand in strands]
    # SQLite takes no limit in a part of a union, but in a query within that part.
    whole = [model._default_manager.filter(pk__in=first).order_by().values("pk") for first in firsts]
    return whole[0].union(*whole[1:], all=True) if len(whole) > 1 else whole[0]


def page_of_request(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    order_by: Sequence[str],
    limit: int = 50,
    strands: Strands | None = None,
) -> Page:
    """The page that the address bar asks for with ``cursor`` and ``limit``.

    :raises InvalidInput: as :func:`page`, or ``limit`` is not a number
    """
    text = request.GET.get("limit", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InvalidInput(
            _("The limit is not a number."),
            code="bad_limit",
            field="limit",
            remedy=_("Leave it out, or give a number up to 200."),
        )
    return page(
        queryset, order_by=order_by, cursor=request.GET.get("cursor", ""), limit=int(text or limit), strands=strands
    )


def _after(keys: list[_Key], values: list[Any], queryset: QuerySet[Any]) -> Q:
    # (a, b, c) after (x, y, z): a beyond x, or a = x and b beyond y, or …
    condition, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        beyond = key.beyond(value, _nullable(queryset, key.name))
        if beyond is not None:
            condition |= same & beyond
        same &= Q(**{f"{key.name}__isnull": True}) if value is None else Q(**{key.name: value})
    return condition


def _nullable(queryset: QuerySet[Any], name: str) -> bool:
    """Whether the key may be empty: an unneeded «or is null» would keep the database from using its index."""
    if name == "pk":
        return False
    if "__" in name or name in queryset.query.annotations:
        return True
    return bool(getattr(queryset.model._meta.get_field(name), "null", True))


def _value(row: Any, name: str) -> Any:
    if isinstance(row, Mapping):
        return row["id" if name == "pk" and "pk" not in row else name]
    for part in name.split("__"):
        row = getattr(row, part, None)
    return row


def _write(spec: str, keys: list[_Key], row: Any, backwards: bool) -> str:
    values = [_pack(_value(row, key.name)) for key in keys]
    return signing.dumps([spec, int(backwards), values], salt=SALT, compress=True)


def _read(cursor: str, spec: str) -> tuple[bool, list[Any]]:
    try:
        of, backwards, values = signing.loads(cursor[:4000], salt=SALT)
        if of == spec:
            return bool(backwards), [_unpack(value) for value in values]
    except (signing.BadSignature, ValueError, TypeError):
        pass  # falls through to the refusal: a damaged cursor and one of another list are answered alike
    raise InvalidInput(
        _("This place in the list is no longer known."),
        code="bad_cursor",
        field="cursor",
        remedy=_("Begin again from the first page of the list."),
    )


def _pack(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, UUID):
        return {"u": value.hex}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


_UNPACKERS: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
    "n": Decimal,
}


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    return _UNPACKERS[kind](text)
