"""备份与演练: how the archive would come back, and which formats it holds."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.catalogue import conversions as wording
from yidang.catalogue.models import Document
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound
from yidang.continuity import asking, formats, manifest, measuring, plans, policy, reaching
from yidang.continuity.forms import JudgementForm
from yidang.continuity.models import BackupRun, ConversionPlan, DrillRun, HeldFormat
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

ROWS = 10


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The rule 3-2-1-1-0 as measured, the last backups and drills."""
    policy.require_sees_backups(request.actor)
    now = clock.now()
    age, last = measuring.restore_point_age(now), measuring.last_backup()
    page = page_of_request(request, BackupRun.objects.all(), order_by=("-started_at", "-id"))
    context: dict[str, Any] = {
        "page": page, "drills": DrillRun.objects.order_by("-started_at", "-id")[:ROWS], "measures": measuring.measure(),
        "address": settings.BACKUP, "minutes": settings.BACKUP_MINUTES, "days": settings.DRILL_DAYS,
        "age": int(age.total_seconds() // 60) if age else None, "trouble": last.error if last else "", "late": measuring.backup_is_late(now), "drill_late": measuring.drill_is_late(now), "tab": "backups",
        "keeps": policy.keeps_backups(request.actor), "makes_packs": policy.makes_packs(request.actor),
    }  # fmt: skip
    return render(request, "continuity/home.html", context)


@require_POST
def backups(request: HttpRequest) -> HttpResponse:
    """Take a backup now."""
    return _asked(request, asking.ask_backup, _("A backup is being taken; its row appears here."))


@require_POST
def drills(request: HttpRequest) -> HttpResponse:
    """Try the way back now."""
    return _asked(request, asking.ask_drill, _("A drill begins; its report appears here."))


def _asked(request: HttpRequest, ask: Callable[..., None], sentence: str) -> HttpResponse:
    ask(actor=request.actor, now=clock.now())
    toast(request, sentence, "ok")
    return HttpResponseRedirect(reverse("continuity:home"))


@require_GET
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One drill on one page, to print and file."""
    policy.require_sees_backups(request.actor)
    run = DrillRun.objects.filter(pk=number).first()
    if run is None:
        raise NotFound()
    lost = (run.started_at - run.newest_record_at) if run.newest_record_at else None
    return render(request, "continuity/report.html", {"run": run, "lost": lost})


@require_GET
def way_back(request: HttpRequest) -> HttpResponse:
    """What to do on an empty machine, to be printed and put away: one command, and what must be at hand for it."""
    policy.require_keeps_backups(request.actor)
    well = next((run for run in DrillRun.objects.order_by("-started_at")[:20] if run.is_well), None)
    context = {
        "address": settings.BACKUP, "is_folder": reaching.is_folder(settings.BACKUP), "data": settings.DATA,
        "sites": ",".join(settings.SITES), "drill": well, "backup": measuring.last_backup(), "minutes": settings.BACKUP_MINUTES,
        "postgresql": connection.vendor == "postgresql", "program": manifest.program(), "at": clock.now(),
        "locked": bool((last := measuring.last_backup()) and measuring.is_locked(last, clock.now())),
    }  # fmt: skip
    return render(request, "continuity/way_back.html", context)


@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """The register of formats, those at risk first."""
    policy.require_sees_formats(request.actor)
    order = {HeldFormat.HIGH: 0, HeldFormat.MEDIUM: 1, HeldFormat.LOW: 2}
    rows = sorted(HeldFormat.objects.all(), key=lambda one: (order[one.risk], -one.count))
    shown = [
        {"held": one, "name": formats.name_of(one.puid), "plan": formats.plan_of(one),
         "target": wording.TARGETS.get(plans.target_for(one.puid, one.mime) if one.count else "", "")}
        for one in rows
    ]  # fmt: skip
    context = {
        "rows": shown,
        "may_judge": policy.judges_formats(request.actor),
        "counted": rows[0].counted_at if rows else None,
        "going": ConversionPlan.objects.filter(finished_at=None).count(),
        "holds": not rows and Document.objects.exists(),
        "tab": "formats",
        "makes_packs": policy.makes_packs(request.actor),
    }
    return render(request, "continuity/formats.html", context)


@require_http_methods(["GET", "POST"])
def judgement(request: HttpRequest, number: int) -> HttpResponse:
    """Judge one format."""
    actor: Actor = request.actor
    found = HeldFormat.objects.filter(pk=number).first()
    if found is None or not policy.judges_formats(actor):
        raise NotFound()
    now: datetime = clock.now()
    form = JudgementForm(request.POST or None, initial={"risk": found.risk, "plan": formats.plan_of(found)})
    if request.method == "POST" and form.is_valid():
        try:
            formats.judge_format(found, **form.cleaned_data, actor=actor, now=now)
        except InvalidInput as error:
            form.add_error(error.field or None, f"{error} {error.remedy}".strip())
        else:
            toast(request, _("The judgement is entered."), "ok")
            return HttpResponseRedirect(reverse("continuity:formats"))
    context = {"held": found, "name": formats.name_of(found.puid), "form": form}
    return render(request, "continuity/judgement.html", context, status=422 if form.errors else 200)
