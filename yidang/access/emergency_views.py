"""应急调阅: open, make longer, give back; and the review of the medical affairs office."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from yidang.access import emergency, owner_notices
from yidang.access.models import EmergencyAccess
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound


@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The form for clinicians with what they have open; what waits for a reviewer, with the figures."""
    if not emergency.may_look(request.actor):
        raise NotAllowed()
    refusal: Exception | None = None
    if request.method == "POST":
        try:
            emergency.open_in_emergency(
                request.POST.get("record", ""), reason=request.POST.get("reason", ""), actor=request.actor,
                now=clock.now(),
            )  # fmt: skip
            return redirect("access:emergency")
        except (InvalidInput, NotFound) as refused:
            refusal = refused
    return render(request, "access/emergency.html", _context(request, refusal), status=422 if refusal else 200)


def _context(request: HttpRequest, refusal: Exception | None) -> dict[str, object]:
    now = clock.now()
    live = EmergencyAccess.objects.filter(user_id=request.actor.user_id, ends_at__gt=now).order_by("-began_at")
    reviewer = emergency.may_review(request.actor) or emergency.may_judge_late(request.actor)
    return {
        "may_open": emergency.may_open(request.actor),
        "live": [(opened, _records(request, opened)) for opened in live],
        "may_review": reviewer,
        "notices": owner_notices.open_notices(request.actor, now)[: owner_notices.MOST],
        "waiting": emergency.to_review(request.actor),
        "figures": emergency.figures(now) if reviewer else [],
        "typed": request.POST,
        "refusal": refusal,
        "now": now,
    }


def _records(request: HttpRequest, opened: EmergencyAccess) -> list[Record]:
    visible = Record.objects.visible_to(request.actor).filter(patient_number=opened.patient_number)
    return list(visible.order_by("-date_first", "-id")[:50])


def _found(public_id: UUID) -> EmergencyAccess:
    opened = EmergencyAccess.objects.select_related("care").filter(public_id=public_id).first()
    if opened is None:
        raise NotFound()
    return opened


@require_POST
def renew(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Another half hour."""
    emergency.renew_emergency(_found(public_id), actor=request.actor, now=clock.now())
    return redirect("access:emergency")


@require_POST
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Given back."""
    emergency.end_emergency(_found(public_id), actor=request.actor, now=clock.now())
    return redirect("access:emergency")


@require_POST
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The reviewer's verdict."""
    emergency.review_emergency(
        _found(public_id), verdict=request.POST.get("verdict", ""), note=request.POST.get("note", ""),
        actor=request.actor, now=clock.now(),
    )  # fmt: skip
    return redirect("access:emergency")


@require_POST
def seen(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The records' owner has read the notice."""
    owner_notices.note_seen(_found(public_id), actor=request.actor, now=clock.now())
    return redirect("access:emergency")
