"""应归尽归: the lists of what ought to have come, and one list with what is missing, stopped, altered or too much."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, WrongState
from yidang.formats.text_formats import decode
from yidang.intake import queries
from yidang.intake.actions import reconciling
from yidang.intake.list_reading import read_text
from yidang.intake.models import ListedItem, SourceList
from yidang.intake.views.inbox import state_words
from yidang.ui.paging import page_of_request
from yidang.ui.spreadsheets import Column, spreadsheet
from yidang.ui.toasts import toast

Outcome = ListedItem.Outcome
FILE_MOST = 32 * 1024 * 1024  # bytes


def outcome_words() -> dict[str, tuple[str, str]]:
    """The badge and the word of each outcome, the worst first."""
    return {
        Outcome.MISSING: ("bad", pgettext("outcome", "missing")),
        Outcome.ALTERED: ("bad", _("altered")),
        Outcome.STOPPED: ("warn", _("stopped on the way")),
        Outcome.EXTRA: ("warn", _("not on the list")),
        Outcome.EXCUSED: ("plain", _("need not come")),
        Outcome.HELD: ("ok", _("here")),
    }


@require_http_methods(["GET", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """The lists that were given, the latest first, and a new one."""
    if not request.actor.has_duty("archivist"):
        raise NotFound()
    refusal: InvalidInput | None = None
    if request.method == "POST":
        try:
            given = _take(request)
            toast(request, _("The list is kept, and compared with what arrived."))
            return redirect("intake:list", given.public_id)
        except InvalidInput as refused:
            refusal = refused
    page = page_of_request(request, queries.lists_visible_to(request.actor), order_by=("-given_at", "-id"))
    context = {
        "page": page, "rows": [_summary(given) for given in page.items], "refusal": refusal, "typed": request.POST,
        "systems": queries.source_systems(),
    }  # fmt: skip
    return render(request, "intake/lists.html", context, status=422 if refusal else 200)


def _take(request: HttpRequest) -> SourceList:
    said = request.POST
    text = said.get("lines", "")
    file = request.FILES.get("file")
    if file is not None:
        if file.size is None or file.size > FILE_MOST:
            raise InvalidInput(_("The file is larger than 32 MB."), field="file", code="too_large")
        data = file.read()
        if data[:2] == b"PK":
            raise InvalidInput(
                _("This is an Excel workbook."), field="file", code="not_text",
                remedy=_("Copy its cells into the box, or save it as CSV."),
            )  # fmt: skip
        text = decode(data)
    extent = said.get("extent", "")
    period = (_day(said, "period_from"), _day(said, "period_until")) if extent == "period" else (None, None)
    if extent == "period" and period == (None, None):
        raise InvalidInput(_("Write the days of the period."), field="period_from", code="no_period")
    return reconciling.take_list(
        read_text(text), source_system=said.get("source_system", ""), name=said.get("name", ""),
        everything=extent == "everything", period=period, actor=request.actor, now=clock.now(),
    )  # fmt: skip


def _day(said: Any, field: str) -> Any:
    text = said.get(field, "")
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if text and day is None:
        raise InvalidInput(_("Write the day as 2026-03-05."), field=field, code="bad_day")
    return day


def _summary(given: SourceList) -> dict[str, Any]:
    arrived = given.counts.get(Outcome.HELD, 0)
    return {
        "given": given,
        "arrived": arrived,
        "missing": given.counts.get(Outcome.MISSING, 0),
        "altered": given.counts.get(Outcome.ALTERED, 0),
        "stopped": given.counts.get(Outcome.STOPPED, 0),
        "extra": given.counts.get(Outcome.EXTRA, 0),
        "percent": int(100 * arrived / max(given.size - given.counts.get(Outcome.EXCUSED, 0), 1)),
    }


@require_GET
def one_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One list: figures, and the lines of one outcome; as Excel with ``as=xlsx``."""
    if not request.actor.has_duty("archivist"):
        raise NotFound()
    return _list_page(request, queries.list_for(request.actor, public_id))


def _list_page(request: HttpRequest, given: SourceList, refusal: Exception | None = None) -> HttpResponse:
    words = outcome_words()
    worst = next((key for key in words if given.counts.get(key)), "")
    outcome = request.GET.get("outcome", worst)
    items = given.items.filter(outcome=outcome) if outcome in words else given.items.all()
    if request.GET.get("as") == "xlsx":
        return _as_sheet(given, items.order_by("id").iterator(chunk_size=1000), words)
    page = page_of_request(request, items, order_by=("id",))
    filings, states = queries.filings_of(given, page.items), state_words()
    rows = []
    for item in page.items:
        filing = filings.get(item.source_id)
        rows.append(
            {
                "item": item,
                "outcome": words.get(item.outcome, ("wait", _("not compared yet"))),
                "filing": filing,
                "state": states[filing.state][1] if filing else "",
            }
        )
    context = {
        "given": given, "summary": _summary(given), "page": page, "rows": rows, "refusal": refusal,
        "outcome": outcome if outcome in words else "",
        "tabs": [(key, word, given.counts.get(key, 0)) for key, (_kind, word) in words.items()],
        "sheet": f"{reverse('intake:list', args=[given.public_id])}?outcome={outcome}&as=xlsx",
    }  # fmt: skip
    return render(request, "intake/list.html", context, status=422 if refusal else 200)


def _as_sheet(given: SourceList, items: Any, words: dict[str, tuple[str, str]]) -> HttpResponse:
    columns = [
        Column(_("Number at the source"), lambda item: item.source_id, 28),
        Column(_("Title"), lambda item: item.title, 50),
        Column(_("Outcome"), lambda item: words[item.outcome][1] if item.outcome else ""),
        Column(_("Reason"), lambda item: item.reason, 30),
    ]
    return spreadsheet(given.name, columns, items)


@require_POST
def compare_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Compare now, not tonight."""
    given = _archivists_list(request, public_id)
    try:
        reconciling.compare_now(given, actor=request.actor, now=clock.now())
    except WrongState as refused:
        return _list_page(request, given, refused)
    toast(request, _("Comparing with what is here now."))
    return redirect("intake:list", given.public_id)


@require_POST
def excuse_item(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say why a missing document need not come."""
    given = _archivists_list(request, public_id)
    key = request.POST.get("item", "")
    item = given.items.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if item is None:
        raise NotFound()
    try:
        reconciling.excuse(given, item, reason=request.POST.get("reason", ""), actor=request.actor, now=clock.now())
    except (InvalidInput, WrongState) as refused:
        return _list_page(request, given, refused)
    return redirect(f"{reverse('intake:list', args=[given.public_id])}?outcome=missing")


@require_POST
def close_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a list; what is missing needs a reason."""
    given = _archivists_list(request, public_id)
    try:
        reconciling.close(given, note=request.POST.get("note", ""), actor=request.actor, now=clock.now())
    except (InvalidInput, WrongState) as refused:
        return _list_page(request, given, refused)
    toast(request, _("The list is closed."))
    return redirect("intake:list", given.public_id)


def _archivists_list(request: HttpRequest, public_id: UUID) -> SourceList:
    if not request.actor.has_duty("archivist"):
        raise NotFound()
    return queries.list_for(request.actor, public_id)
