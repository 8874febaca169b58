"""运行状况: queues, lag, disks, copies, the way back, what was slow, and what the doctor found."""

import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.common import clock
from yidang.ui.templatetags.ui import file_size, thousands
from yidang.ui.toasts import toast
from yidang.upkeep import asking, policy, relocating, sampling
from yidang.upkeep.bundling import make_bundle
from yidang.upkeep.health import Health, Place, health
from yidang.upkeep.telling import Kpi, kpis
from yidang.upkeep.templatetags.upkeep import duration

URGENT_DAYS = 30


@dataclass(frozen=True)
class Chart:
    """One picture of the last two days; ``said`` tells the same in words."""

    label: str
    most: str
    said: str
    points: list[Any]


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """How the program stands."""
    policy.require_sees(request.actor)
    now = clock.now()
    found = health(now)
    context: dict[str, Any] = {
        "health": found, "cares": policy.cares(request.actor), "kpis": list[Kpi](kpis(found, now)),
        "charts": _charts(found), "places": [_place(one) for one in found.places], "spans": _spans(found),
        "slow_ms": settings.SLOW_STATEMENT_MS, "going": relocating.going(), "came": relocating.came(),
    }  # fmt: skip
    return render(request, "upkeep/health.html", context)


@require_POST
def looks(request: HttpRequest) -> HttpResponse:
    """Ask the doctor to look now."""
    asking.ask_look(actor=request.actor, now=clock.now())
    toast(request, _("The doctor looks; open this page again in a moment."), "ok")
    return HttpResponseRedirect(reverse("upkeep:health"))


@require_POST
def bundles(request: HttpRequest) -> HttpResponse:
    """Make the support bundle and hand it out; nothing of it stays here."""
    made = make_bundle(actor=request.actor, now=clock.now())
    response = HttpResponse(made.content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _charts(found: Health) -> list[Chart]:
    named = (
        (sampling.JOBS, _("Open tasks"), thousands), (sampling.DUE, _("Longest wait of a task"), duration),
        (sampling.LAG, _("Search behind"), duration), (sampling.BEHIND, _("Copies behind"), thousands),
    )  # fmt: skip
    made = []
    for name, label, shown in named:
        points = found.samples.get(name, [])
        most = shown(max((value for _at, value in points), default=0))
        said = _("%(label)s: %(most)s at most, now %(now)s") % {
            "label": label, "most": most, "now": shown(points[-1][1] if points else 0),
        }  # fmt: skip
        made.append(Chart(label, _("at most %(most)s") % {"most": most}, said, points))
    return made


def _place(one: Place) -> dict[str, Any]:
    words = [
        _("Site %(name)s") % {"name": name[5:]} if name.startswith("site:") else _("Data folder") for name in one.names
    ]
    room = _("%(free)s of %(total)s free") % {"free": file_size(int(one.free)), "total": file_size(int(one.total))}
    days = one.forecast.days_left if one.forecast else None
    if one.forecast is None:
        said = _("When it will be full can be said after three days.")
    elif days is None:
        said = _("It has not filled in the last %(days)d days.") % {"days": round(one.forecast.days_known)}
    else:
        said = _("It fills by %(rate)s a day: full in about %(days)s.") % {
            "rate": file_size(int(one.forecast.per_day)), "days": duration(days * 86_400),
        }  # fmt: skip
    return {
        "one": one,
        "word": " · ".join(words),
        "room": room,
        "said": said,
        "urgent": days is not None and days < URGENT_DAYS,
    }


def _spans(found: Health) -> list[dict[str, Any]]:
    whole = sum(count for _end, count in found.spans)
    if not whole:
        return []
    shown, before = [], 0.0
    for end, count in found.spans:
        if math.isinf(end):
            label = _("over %(low)g s") % {"low": before}
        else:
            label = _("up to %(high)g ms") % {"high": end * 1000} if end < 1 else _("up to %(high)g s") % {"high": end}
        before = end
        share = count / whole * 100
        said = _("%(label)s: %(share)d of 100 answers") % {"label": label, "share": round(share)}
        shown.append({"label": label, "count": count, "percent": round(share, 1), "said": said})
    return shown
