"""The pages of search."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yidang.catalogue import labels
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, NotFound
from yidang.people.models import DepartmentName
from yidang.permissions.reach import SEE, VIEW
from yidang.search import actions, entries, hits, reading, showing
from yidang.search.asking import RECEIVED, Query, from_address
from yidang.search.backend import EXACT
from yidang.search.models import SavedSearch
from yidang.search.results import Hit
from yidang.search.suggesting import suggest
from yidang.search.terms import parse
from yidang.ui.spreadsheets import Column, spreadsheet

PAGE = 20


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_signed_in:
        raise NotAllowed()
    return actor


def _departments(language: str) -> dict[int, str]:
    names = DepartmentName.objects.filter(valid_until=None)
    return {name.department_id: (name.en if language == "en" and name.en else name.zh) for name in names}


def _asked(request: HttpRequest) -> Query:
    """The question; without words it lists what came last."""
    query = from_address(request.GET, limit=PAGE)
    if not query.text.strip() and "sort" not in request.GET:
        query = Query(query.text, query.filters, RECEIVED, query.cursor, query.limit, query.facets)
    return query


@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Hits, facets and the pane with the page before opening."""
    actor = _actor(request)
    query = _asked(request)
    found = actions.search_and_log(query, actor=actor)
    language = get_language() or "zh-hans"
    departments = _departments(language)
    context = {
        "query": query,
        "results": found,
        "rows": [showing.row(hit, query.text, departments, language) for hit in found.hits],
        "groups": showing.groups(found, query),
        "chips": showing.chips(found, query),
        "sorts": showing.sort_labels(),
        "sort_label": showing.sort_labels()[query.sort],
        "seconds": f"{found.took_ms / 1000:.2f}",
        "lag_seconds": round(found.lag.seconds) if found.lag.changes else 0,
        "pages_matched": sum(hit.pages for hit in found.hits),
        "saved": SavedSearch.objects.filter(user_id=actor.user_id)[:50],
        "parameters": query.parameters,
        "first_page": "?" + query.parameters if query.cursor else "",
        "without_filters": "?" + replace(query, filters={}).parameters,
    }
    fragment = request.headers.get("HX-Target") == "results"
    return render(request, "search/_results.html" if fragment else "search/results.html", context)


@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """What may be meant, as a fragment for the box or as JSON."""
    found = suggest(_actor(request), request.GET.get("q", "")[:100])
    rows = []
    for one in found:
        hit = Hit(one.record, one.marked, [], [], 0, False, False) if one.record else None
        href = showing.record_href(hit, "") if hit else "?" + Query(text=one.text).parameters
        rows.append(
            {
                "kind": one.kind,
                "text": one.text,
                "marked": one.marked,
                "href": href,
                "code": one.record.code if one.record else "",
            }
        )
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"suggestions": [{**row, "marked": str(row["marked"])} for row in rows]})
    return render(request, "search/_suggestions.html", {"rows": rows})


@require_GET
def preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A hit before opening: the pages on which it matched, one of them shown."""
    actor = _actor(request)
    found = entries.ready(Record.objects.visible_to(actor, SEE).filter(public_id=public_id))
    if not found:
        raise NotFound()
    record = found[0]
    viewable = Record.objects.visible_to(actor, VIEW).filter(pk=record.pk).exists()
    text = request.GET.get("q", "")[:400]
    language = get_language() or "zh-hans"
    hit = hits.hit_of(record, parse(text), EXACT, viewable=viewable)
    spots = reading.pages_with(record, text) if viewable else []
    documents = entries.documents_of(record)
    if viewable and not spots and documents:
        spots = [reading.Match(documents[0].number, 1, hit.title, 0)]
    context = {
        "row": showing.row(hit, text, _departments(language), language),
        "record": record,
        "spots": spots[:40],
        "matched": len(spots) if hit.spots else 0,
        "viewable": viewable,
        "text": text,
    }
    return render(request, "search/_preview.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The hits as an Excel file."""
    query = _asked(request)
    language = get_language() or "zh-hans"
    departments = _departments(language)

    def of(name: str) -> Any:
        return lambda hit: getattr(hit.record, name)

    columns = [
        Column(_("Code"), of("code"), 30),
        Column(_("Accession number"), of("accession_number"), 20),
        Column(_("Title"), of("title"), 60),
        Column(_("Document number"), of("document_number"), 24),
        Column(_("Creator"), of("creator"), 20),
        Column(_("Class"), lambda hit: hit.record.record_class.label(language), 14),
        Column(_("Department"), lambda hit: departments.get(hit.record.department_id or 0, ""), 18),
        Column(_("Date"), of("date"), 12),
        Column(_("Year"), of("year"), 8),
        Column(_("Retention"), lambda hit: labels.retention(hit.record.retention), 12),
        Column(_("State"), lambda hit: showing.badge(hit)[1], 16),
        Column(_("Received"), of("received_at"), 18),
    ]
    return spreadsheet(_("Search results"), columns, actions.export_hits(query, actor=_actor(request)))
