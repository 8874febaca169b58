"""Taking a signature back, giving a seat to somebody else, and the calendar of working days."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.approval import keeping_calendar, mending, queries, seating
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_POST
def take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Within minutes, while nothing followed."""
    actor, now = request.actor, clock.now()
    found = queries.known_to(actor, now).filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    try:
        mending.take_back(found.pk, actor=actor, now=now)
    except WrongState as refused:
        toast(request, refused, "warn")
    else:
        toast(request, _("%(label)s: your signature is taken back.") % {"label": found.label})
    return redirect("approval:case", public_id)


@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """All that waits, with whom it waits for."""
    return _waiting(request, None)


@require_POST
def reassign(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Another signer, by hand."""
    said = request.POST
    try:
        seat = mending.reassign(
            seat_id, said.get("username", "")[:60], note=said.get("note", ""), actor=request.actor, now=clock.now()
        )
    except InvalidInput as refused:
        return _waiting(request, refused, seat_id)
    toast(request, _("%(name)s signs instead.") % {"name": seat.signer.display_name or seat.signer.username})
    return redirect("approval:waiting")


def _waiting(request: HttpRequest, refusal: InvalidInput | None, seat_id: int = 0) -> HttpResponse:
    now = clock.now()
    page = page_of_request(request, mending.all_waiting(request.actor), order_by=("due_at", "id"), limit=50)
    rows = [
        (one, [seat for seat in one.open_seats if seat.step == one.step], queries.is_overdue(one, now))
        for one in page.items
    ]
    context = {"page": page, "rows": rows, "refusal": refusal, "typed": request.POST, "opened": seat_id}
    return render(request, "approval/waiting.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Which days are worked."""
    actor, now = request.actor, clock.now()
    if not seating.may_set_watch(actor):
        raise NotAllowed()
    this_year, text = localdate(now).year, request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) <= 2199 else this_year
    refusal: InvalidInput | None = None
    if request.method == "POST":
        try:
            year = _enter(request)
            return redirect(f"{reverse('approval:calendar')}?year={year}")
        except InvalidInput as refused:
            refusal = refused
    context = {
        "rows": keeping_calendar.entered(year), "year": year, "years": range(this_year - 1, this_year + 3),
        "missing": [one for one in (this_year, this_year + 1) if not keeping_calendar.entered(one)],
        "typed": request.POST, "refusal": refusal,
    }  # fmt: skip
    return render(request, "approval/calendar.html", context, status=422 if refusal else 200)


def _enter(request: HttpRequest) -> int:
    """Do what the form says; the year that it was about."""
    said, now = request.POST, clock.now()
    first = _day(said.get("clear") or said.get("first", ""), "first")
    if said.get("clear"):
        keeping_calendar.clear_day(first, actor=request.actor, now=now)
        return first.year
    last = _day(said.get("last", "") or said.get("first", ""), "last")
    count = keeping_calendar.enter_days(
        first, last, worked=said.get("worked") == "yes", note=said.get("note", ""), actor=request.actor, now=now
    )
    toast(request, _("Entered: %(n)d days.") % {"n": count})
    return first.year


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(_("Write the day as 2026-03-05."), field=field) from None
