"""Alarms, for the security administrator alone: the list, one of them with its picture, the verdict, who leaves."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState, YidangError
from yidang.oversight import actions, queries
from yidang.oversight.models import Alarm, Departure, Place
from yidang.people.policy import require_sees_administration
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

DEPARTURES_MOST = 200


@require_GET
def alarms(request: HttpRequest) -> HttpResponse:
    """The open alarms or all, the latest first; who has given notice."""
    require_sees_administration(request.actor)
    return _page(request)


def _page(request: HttpRequest, refusal: YidangError | None = None) -> HttpResponse:
    every = request.GET.get("show") == "all"
    rows = Alarm.objects.select_related("user__department")
    page = page_of_request(request, rows if every else rows.filter(closed_at=None), order_by=("-raised_at", "-id"))
    context: dict[str, Any] = {
        "page": page, "rows": [(one, queries.RULES[one.rule]) for one in page.items], "every": every,
        "verdicts": queries.VERDICTS, "refusal": refusal, "typed": request.POST,
        "departures": Departure.objects.select_related("user").order_by("last_day", "id")[:DEPARTURES_MOST],
        "today": localdate(clock.now()), "place": Place.objects.first(),
    }  # fmt: skip
    return render(request, "oversight/alarms.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
def alarm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One alarm: what was seen, the hours as a picture, the verdict."""
    require_sees_administration(request.actor)
    found = Alarm.objects.select_related("user__department", "closed_by").filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    refusal: YidangError | None = None
    if request.method == "POST":
        said = request.POST.get("verdict", "")
        try:
            judged = actions.judge_alarm(
                found, verdict="misuse" if said == "suspend" else said, note=request.POST.get("note", ""),
                suspend=said == "suspend", actor=request.actor, now=clock.now(),
            )  # fmt: skip
            toast(request, _("The account is closed.") if judged.suspended else _("Judged."))
            return redirect("oversight:alarm", public_id)
        except (InvalidInput, NotAllowed, WrongState) as refused:
            refusal = refused
    context = {
        "alarm": found, "rule": queries.RULES[found.rule], "verdict": queries.VERDICTS.get(found.verdict, ""),
        "picture": queries.picture_of(found), "refusal": refusal, "typed": request.POST,
        "tables": queries.evidence_in_words(found, language=get_language() or "zh-hans"),
        "earlier": [
            (one, queries.RULES[one.rule], queries.VERDICTS.get(one.verdict, ""))
            for one in Alarm.objects.filter(user=found.user).exclude(pk=found.pk).order_by("-raised_at")[:10]
        ],
    }  # fmt: skip
    return render(request, "oversight/alarm.html", context, status=422 if refusal else 200)


@require_POST
def depart(request: HttpRequest) -> HttpResponse:
    """Note that somebody leaves."""
    require_sees_administration(request.actor)
    try:
        try:
            last_day = date.fromisoformat(request.POST.get("last_day", ""))
        except ValueError:
            raise InvalidInput(_("Write the day as 2026-03-05."), field="last_day", code="bad_day") from None
        actions.note_departure(
            request.POST.get("username", ""), last_day=last_day, actor=request.actor, now=clock.now()
        )
    except (InvalidInput, NotFound, NotAllowed) as refused:
        return _page(request, refused)
    toast(request, _("Noted."))
    back = request.POST.get("back", "")
    return redirect(back if back.startswith("/accounts/") else "oversight:alarms")


@require_POST
def stay(request: HttpRequest, number: int) -> HttpResponse:
    """The notice was taken back."""
    require_sees_administration(request.actor)
    found = Departure.objects.select_related("user").filter(pk=number).first()
    if found is None:
        raise NotFound()
    actions.withdraw_departure(found, actor=request.actor, now=clock.now())
    return redirect("oversight:alarms")
