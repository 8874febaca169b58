"""保管期限 of one record: until when it is kept and why, extending it, holding it; and the list of all holds."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.catalogue import actions, labels, policy
from yidang.catalogue.models import Record, RetentionHold, among
from yidang.catalogue.retention import PERIODS, end_of, is_longer, must_stay
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, WrongState
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def retention(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The period with its basis, and the deeds of those who keep the record."""
    record = policy.require(public_id, actor=request.actor)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "hold":
                actions.place_hold(record, reason=request.POST.get("reason", ""), actor=request.actor, now=clock.now())
                toast(request, _("The record is held: it stays until the hold is lifted."))
            else:
                actions.extend_retention(
                    record, period=request.POST.get("period", ""), reason=request.POST.get("reason", ""),
                    actor=request.actor, now=clock.now(),
                )  # fmt: skip
                toast(request, _("The period is extended."))
        except (InvalidInput, WrongState) as refused:
            return _page(request, record, refused)
        return redirect("catalogue:retention", public_id)
    return _page(request, record)


@require_POST
def lift(request: HttpRequest, public_id: UUID, hold_id: UUID) -> HttpResponse:
    """Lift a hold with a reason."""
    record = policy.require(public_id, actor=request.actor)
    try:
        actions.lift_hold(record, hold_id, note=request.POST.get("note", ""), actor=request.actor, now=clock.now())
    except (InvalidInput, WrongState) as refused:
        return _page(request, record, refused)
    toast(request, _("The hold is lifted."))
    return redirect("catalogue:retention", public_id)


def _page(request: HttpRequest, record: Record, refusal: InvalidInput | WrongState | None = None) -> HttpResponse:
    end = end_of(record)
    context = {
        "record": record, "end": end, "period": labels.retention(record.retention), "refusal": refusal,
        "event": labels.event(end.waits_for), "stays": labels.why_it_stays(must_stay(record, on=localdate(clock.now()))),
        "longer": [(code, labels.retention(code)) for code in PERIODS if is_longer(code, record.retention)],
        "may_keep": policy.allowed(request.actor, "describe", record), "typed": request.POST,
        "holds": record.holds.order_by("-set_at", "-pk"),
    }  # fmt: skip
    return render(request, "catalogue/retention.html", context, status=422 if refusal else 200)


@require_GET
def holds(request: HttpRequest) -> HttpResponse:
    """The holds of the records that the reader sees, the latest first."""
    if not request.actor.has_duty("archivist", "records_clerk"):
        raise NotFound()
    rows = RetentionHold.objects.filter(among(Record.objects.visible_to(request.actor))).select_related("record")
    page = page_of_request(request, rows, order_by=("-set_at", "-id"))
    return render(request, "catalogue/holds.html", {"page": page})
