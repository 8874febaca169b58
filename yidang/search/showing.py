"""What the pages of search show: labels, chips, facets as links, hits as rows."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yidang.catalogue import labels
from yidang.search import asking
from yidang.search.asking import Filter, Query
from yidang.search.entries import documents_of
from yidang.search.results import Facet, FacetValue, Hit, Results

SHOWN_VALUES = 8  # of a facet, before «more»


def part_label(part: str) -> str:
    """The name of a part of the description."""
    return {
        "title": _("Title"), "numbers": _("Document number"), "codes": _("Code"), "people": _("Name"),
        "keywords": _("Keywords"), "rest": _("Description"),
    }.get(part, part)  # fmt: skip


def facet_label(name: str) -> str:
    """The name of a facet."""
    return {
        asking.CLASS: _("Class"), asking.YEAR: _("Year"), asking.DEPARTMENT: _("Department"),
        asking.RETENTION: _("Retention"), asking.STATE: _("State"), asking.ROLE: _("Role of a document"),
        asking.LEVEL: _("Security"), asking.FACT: _("Field"),
    }[name]  # fmt: skip


def sort_labels() -> dict[str, str]:
    """The orders."""
    return {
        asking.RELEVANCE: _("By relevance"), asking.RECEIVED: _("By time of receipt"), asking.NEWEST: _("Newest date first"),
        asking.OLDEST: _("Oldest date first"), asking.CODE: _("By code"),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A value of a facet, or a chip that takes a filter away."""

    label: str
    href: str
    count: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One facet with its links; ``more`` are shown on demand."""

    name: str
    label: str
    links: list[Link]
    more: list[Link]


def groups(results: Results, query: Query) -> list[Group]:
    """The facets that have something to choose."""
    made = []
    for facet in results.facets:
        links = [_link(facet, value, query) for value in facet.values]
        if links:
            chosen = sum(bool(link.state) for link in links)
            most = max(SHOWN_VALUES, chosen)
            links.sort(key=lambda link: not link.state) if len(links) > most else None
            made.append(Group(facet.name, facet.label or facet_label(facet.name), links[:most], links[most:]))
    return made


def _link(facet: Facet, value: FacetValue, query: Query) -> Link:
    state = {"only": "in", "not": "out"}.get(value.choice, "")
    return Link(value.label, "?" + query.toggled(facet.name, value.value).parameters, value.count, state)


def chips(results: Results, query: Query) -> list[Link]:
    """The filters in force, each with the address without it."""
    named = {(facet.name, value.value): value.label for facet in results.facets for value in facet.values}
    made = []
    for name, narrowed in query.filters.items():
        for kind, values in (("in", narrowed.only), ("out", narrowed.never)):
            for value in values:
                new = Filter(
                    tuple(v for v in narrowed.only if kind == "out" or v != value),
                    tuple(v for v in narrowed.never if kind == "in" or v != value),
                )
                label = named.get((name, value), value)
                made.append(Link(label, "?" + query.narrowed(name, new).parameters, None, kind))
    return made


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a hit with its link."""

    label: str
    href: str
    snippet: Any
    count: int
    document: int
    page: int


@dataclass(frozen=True, slots=True)
class Row:
    """A hit as the page shows it."""

    hit: Hit
    href: str
    preview: str
    badge: tuple[str, str]
    meta: list[str]
    places: list[Place]
    reasons: list[tuple[str, Any]]


def record_href(hit: Hit, text: str, document: int | None = None, page: int | None = None) -> str:
    """The address of the record's page, at the place where it matched; empty when no package serves it."""
    try:
        address = reverse("access:record", args=[hit.record.public_id])
    except NoReverseMatch:
        return ""
    asked = {"document": document, "page": page, "q": text}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"{address}?{query}" if query else address


def row(hit: Hit, text: str, departments: dict[int, str], language: str) -> Row:
    """A hit with its words."""
    record = hit.record
    names = {document.number: document.role for document in documents_of(record)}
    places = [
        Place(
            label=_("%(role)s · page %(page)s")
            % {"role": names.get(spot.document, str(spot.document)), "page": spot.page},
            href=record_href(hit, text, spot.document, spot.page),
            snippet=spot.snippet,
            count=spot.count,
            document=spot.document,
            page=spot.page,
        )
        for spot in hit.spots
    ]
    first = places[0] if places else None
    return Row(
        hit=hit,
        href=record_href(hit, text, first.document if first else None, first.page if first else None),
        preview=reverse("search:preview", args=[record.public_id]) + "?" + urlencode({"q": text}),
        badge=badge(hit),
        meta=meta(hit, departments, language),
        places=places,
        reasons=[(part_label(reason.part), reason.snippet) for reason in hit.reasons],
    )


def badge(hit: Hit) -> tuple[str, str]:
    """The state in one mark: kind and word."""
    record = hit.record
    if record.state == "archived":
        return "ok", pgettext("record state", "Archived")
    return "wait", (
        _("Received · provisional code") if record.code_state == "provisional" else pgettext("record state", "Received")
    )


def meta(hit: Hit, departments: dict[int, str], language: str) -> list[str]:
    """Class, retention, department, date, documents."""
    record = hit.record
    documents = documents_of(record)
    pages = sum(document.pages or 0 for document in documents)
    found = [
        record.record_class.label(language),
        labels.retention(record.retention),
        departments.get(record.department_id or 0, ""),
        record.date,
        record.document_number,
        _("%(n)s documents") % {"n": len(documents)} if len(documents) > 1 else "",
        _("%(n)s pages") % {"n": pages} if pages else "",
    ]
    return [text for text in found if text]
