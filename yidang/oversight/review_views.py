"""权限年审: the reviews, the duties that one decides about, closing, the signed result."""

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, WrongState, YidangError
from yidang.common.signing import archive_key
from yidang.oversight import reviewing
from yidang.oversight.models import ReviewedDuty, RightsReview, UnusedRight
from yidang.people.policy import administers, require_sees_administration
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


def _found(public_id: UUID) -> RightsReview:
    review = RightsReview.objects.select_related("opened_by").filter(public_id=public_id).first()
    if review is None:
        raise NotFound()
    return review


@require_http_methods(["GET", "POST"])
def reviews(request: HttpRequest) -> HttpResponse:
    """All reviews and a form that begins one; who only decides goes straight to the open one."""
    if not administers(request.actor):
        mine = reviewing.open_review_of(request.actor)
        if mine is None:
            raise NotFound()
        return redirect("oversight:review", mine.public_id)
    refusal: YidangError | None = None
    if request.method == "POST":
        try:
            due_on = _day(request.POST.get("due_on", ""))
            review = reviewing.open_review(due_on=due_on, actor=request.actor, now=clock.now())
            return redirect("oversight:review", review.public_id)
        except (InvalidInput, WrongState) as refused:
            refusal = refused
    page = page_of_request(request, RightsReview.objects.all(), order_by=("-opened_at", "-id"))
    rows = [(one, one.lines.exclude(verdict="").count(), one.lines.count()) for one in page.items]
    context = {
        "page": page, "rows": rows, "refusal": refusal, "typed": request.POST, "tab": "reviews", "today": localdate(),
        "open": any(one.closed_at is None for one in page.items),
        "proposed": localdate(clock.now()) + timedelta(days=reviewing.DAYS),
    }  # fmt: skip
    return render(request, "oversight/reviews.html", context, status=422 if refusal else 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(_("Say until which day."), field="due_on") from None


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The duties that this person decides about; for the security administrator how far everybody is."""
    found, actor = _found(public_id), request.actor
    lines = reviewing.lines_for(actor, found)
    if not administers(actor) and not (found.closed_at is None and lines.exists()):
        raise NotFound()
    refusal: YidangError | None = None
    if request.method == "POST":
        try:
            confirmed, withdrawn = reviewing.decide(found, _said(request), actor=actor, now=clock.now())
            toast(request, _("%(confirmed)d confirmed, %(withdrawn)d withdrawn.") % {
                "confirmed": confirmed, "withdrawn": withdrawn})  # fmt: skip
            return redirect(request.get_full_path())
        except (InvalidInput, WrongState) as refused:
            refusal = refused
    place = request.GET.get("department", "")
    if place:
        lines = lines.filter(department__key=place)
    if request.GET.get("show") != "all":
        lines = lines.filter(verdict="")
    page = page_of_request(
        request, lines.select_related("user", "department", "decided_by"), order_by=("department_id", "user_id", "id")
    )
    context = {
        "review": found, "page": page, "rows": _rows(request, page.items), "refusal": refusal,
        "every": request.GET.get("show") == "all", "department": place, "today": localdate(clock.now()),
        "left": reviewing.lines_for(actor, found).filter(verdict="").count(), "administers": administers(actor),
        "progress": reviewing.progress(found) if administers(actor) else [],
        "fits": reviewing.verify(found) if found.closed_at else None,
    }  # fmt: skip
    return render(request, "oversight/review.html", context, status=422 if refusal else 200)


def _said(request: HttpRequest) -> dict[str, tuple[str, str]]:
    """What was chosen: fields ``v-ID`` with the verdict, ``n-ID`` with the note."""
    return {
        key[2:]: (str(value), request.POST.get(f"n-{key[2:]}", ""))
        for key, value in request.POST.items()
        if key.startswith("v-") and value
    }


def _rows(request: HttpRequest, lines: list[ReviewedDuty]) -> list[tuple[ReviewedDuty, bool, str, str]]:
    """Each line with whether the duty lay unused, and what was typed."""
    idle = set(
        UnusedRight.objects.filter(kind="duty", number__in=[line.duty for line in lines]).values_list(
            "number", flat=True
        )
    )
    return [
        (line, line.duty in idle, request.POST.get(f"v-{line.public_id}", ""), request.POST.get(f"n-{line.public_id}", ""))
        for line in lines
    ]  # fmt: skip


@require_POST
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Closed and signed."""
    require_sees_administration(request.actor)
    reviewing.close_review(_found(public_id), actor=request.actor, now=clock.now())
    toast(request, _("The review is closed and signed."))
    return redirect("oversight:review", public_id)


@require_GET
def result(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The signed text with its signature and the public key, to be kept or checked elsewhere."""
    require_sees_administration(request.actor)
    found = _found(public_id)
    if found.closed_at is None:
        raise NotFound()
    key = archive_key(found.key_id)
    text = f"{found.text}\n{found.signature}\n{key.public_pem}"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rights-review-{found.closed_at:%Y-%m-%d}.txt"'
    return response
