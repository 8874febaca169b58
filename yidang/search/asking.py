"""The question that a page, an address or a program asks, and its form in the address bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput

# Facets in the order of the page.
CLASS, YEAR, DEPARTMENT, RETENTION, STATE, ROLE, LEVEL = (
    "class",
    "year",
    "department",
    "retention",
    "state",
    "role",
    "level",
)
FACETS = (CLASS, YEAR, DEPARTMENT, RETENTION, STATE, ROLE, LEVEL)
FACT = "fact"  # fields of schemes: fact=key=value

RELEVANCE, NEWEST, OLDEST, CODE, RECEIVED = "relevance", "-date", "date", "code", "received"
SORTS = (RELEVANCE, NEWEST, OLDEST, CODE, RECEIVED)
MOST = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """One facet narrowed: only records with one of ``only``, and none with one of ``never``; neither means either."""

    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A whole question.

    :param filters: by facet; a class means its whole branch, a year may be ``2019..2024``
    :param limit: hits on a page, at most 200
    """

    text: str = ""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sort: str = RELEVANCE
    cursor: str = ""
    limit: int = 20
    facets: bool = True

    def address(self, **changes: Any) -> str:
        """The query string of this question, the cursor left out."""
        return replace(self, **changes).parameters if changes else self.parameters

    @property
    def parameters(self) -> str:
        """The query string."""
        pairs: list[tuple[str, str]] = [("q", self.text)] if self.text else []
        for name, narrowed in self.filters.items():
            pairs += [(name, value) for value in narrowed.only]
            pairs += [(f"{name}!", value) for value in narrowed.never]
        if self.sort != RELEVANCE:
            pairs.append(("sort", self.sort))
        return urlencode(pairs)

    def toggled(self, name: str, value: str) -> "Query":
        """The question after one press on a value: either → only → not → either."""
        now = self.filters.get(name, Filter())
        if value in now.only:
            new = Filter(_without(now.only, value), (*now.never, value))
        elif value in now.never:
            new = Filter(now.only, _without(now.never, value))
        else:
            new = Filter((*now.only, value), now.never)
        return self.narrowed(name, new)

    def narrowed(self, name: str, new: Filter) -> "Query":
        """The question with one facet narrowed otherwise."""
        filters = {key: kept for key, kept in self.filters.items() if key != name}
        if new.only or new.never:
            filters[name] = new
        return replace(self, filters=filters, cursor="")


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(kept for kept in values if kept != value)


def from_address(parameters: QueryDict | Mapping[str, Sequence[str]], *, limit: int = 20, facets: bool = True) -> Query:
    """Read a question from the address bar; ``class=WS``, ``class!=WS``, ``year=2019..2024``, ``sort=-date``.

    :raises InvalidInput: an unknown order, or a limit that is not a number
    """

    def every(name: str) -> list[str]:
        values = parameters.getlist(name) if isinstance(parameters, QueryDict) else parameters.get(name, ())
        return [value.strip()[:200] for value in values if value.strip()][:100]

    def one(name: str) -> str:
        values = every(name)
        return values[-1] if values else ""

    filters = {}
    for name in (*FACETS, FACT):
        narrowed = Filter(tuple(dict.fromkeys(every(name))), tuple(dict.fromkeys(every(f"{name}!"))))
        if narrowed.only or narrowed.never:
            filters[name] = narrowed
    sort = one("sort") or RELEVANCE
    if sort not in SORTS:
        raise InvalidInput(
            _("There is no order named «%(sort)s».") % {"sort": sort[:40]},
            code="unknown_sort",
            field="sort",
            remedy=_("Use one of: %(sorts)s.") % {"sorts": ", ".join(SORTS)},
        )
    asked = one("limit")
    if asked and not (asked.isascii() and asked.isdigit() and int(asked[:6]) > 0):
        raise InvalidInput(
            _("The limit is not a number."), code="bad_limit", field="limit", remedy=_("Give a number from 1 to 200.")
        )
    cursors = parameters.getlist("cursor") if isinstance(parameters, QueryDict) else parameters.get("cursor", ())
    return Query(
        text=(" ".join(every("q")))[:400],
        filters=filters,
        sort=sort,
        cursor=cursors[-1] if cursors else "",
        limit=min(int(asked or limit), MOST),
        facets=facets,
    )
