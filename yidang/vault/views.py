"""保管: where the copies stand, when they were last read, what was wrong and what was mended."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.common import clock
from yidang.jobs.models import Job
from yidang.ui.paging import page_of_request
from yidang.ui.spreadsheets import Column, spreadsheet
from yidang.ui.toasts import toast
from yidang.vault import asking, needs, policy, queries, reports
from yidang.vault.models import Copy, ScrubFinding, ScrubRun


def _state_words() -> dict[str, tuple[str, str]]:
    return {
        queries.OK: ("ok", _("well")),
        queries.FULL: ("bad", _("full")),
        queries.READ_ONLY: ("bad", _("read-only")),
        queries.MISSING: ("bad", _("does not answer")),
        queries.REPLACED: ("bad", _("another disk stands in its place")),
        queries.NEW: ("wait", _("not set up yet")),
    }


def _kinds() -> dict[str, str]:
    return {
        ScrubFinding.Kind.BITFLIP: _("bytes changed"),
        ScrubFinding.Kind.MISSING: _("file missing"),
        ScrubFinding.Kind.EXTRA: _("file that does not belong"),
        ScrubFinding.Kind.FOREIGN: _("object that nobody kept"),
        ScrubFinding.Kind.VERSION: _("an older version in its place"),
        ScrubFinding.Kind.LOST: _("no good copy is left"),
    }


@require_GET
def custody(request: HttpRequest) -> HttpResponse:
    """The copies by site, the age of the last reading, open findings and what was mended."""
    policy.require_keeps_copies(request.actor)
    now, words = clock.now(), _state_words()
    states = queries.read_state()
    sites = [
        {"site": state, "kind": words[state.state][0], "word": words[state.state][1], **_age(state, now)}
        for state in states
    ]
    mended = request.GET.get("show") == "mended"
    found = ScrubFinding.objects.select_related("site").filter(healed_at__isnull=not mended)
    page = page_of_request(request, found, order_by=("-found_at", "-id"))
    kinds = _kinds()
    running = Job.objects.filter(name__in=["vault.scrub", asking.SCRUB, asking.REPAIR], state=Job.RUNNING)
    context: dict[str, Any] = {
        "sites": sites, "short": needs.short(), "page": page, "rows": [(one, kinds[one.kind]) for one in page.items], "mended": mended,
        "open": ScrubFinding.objects.filter(healed_at=None).count(), "running": [_under_way(job) for job in running.order_by("name")],
        "asked": Job.objects.filter(name__in=[asking.SCRUB, asking.REPAIR], key="asked", state=Job.WAITING).exists(),
        "runs": ScrubRun.objects.select_related("site").order_by("-started_at", "-pk")[:6], "days": settings.SCRUB_DAYS,
        "oldest": max((site["days"] for site in sites if site["days"] is not None), default=None),
        "tab": "copies", "makes_packs": request.actor.has_duty("archivist"),
        "lost": ScrubFinding.objects.filter(healed_at=None, kind=ScrubFinding.Kind.LOST).exists(),
        "behind": sum(state.overdue for state in states), "late": any(site["late"] for site in sites), "shared": [state for state in states if state.shares_disk_with],
    }  # fmt: skip
    return render(request, "vault/custody.html", context)


def _under_way(job: Job) -> tuple[Job, int, str]:
    """A task that runs now: itself, how much there is, and what it does in words."""
    word = _("Copies are being mended") if job.name == asking.REPAIR else _("Copies are being read again")
    return job, job.done + job.left, f"{word} {job.cursor or ''}".strip()


def _age(state: queries.SiteState, now: datetime) -> dict[str, Any]:
    """How many days the copy that was longest not read has waited, and whether that is too long."""
    days = (now - state.oldest_verified_at).days if state.oldest_verified_at else None
    used = state.total_bytes - state.free_bytes if state.total_bytes is not None and state.free_bytes is not None else 0
    return {"days": days, "late": days is not None and days > settings.SCRUB_DAYS + 1, "used": used}


@require_POST
def scrubs(request: HttpRequest) -> HttpResponse:
    """Have every copy read again now."""
    return _asked(request, asking.ask_scrub, _("Every copy is being read again; the progress stands on this page."))


@require_POST
def repairs(request: HttpRequest) -> HttpResponse:
    """Have the copies mended now."""
    return _asked(request, asking.ask_repair, _("Copies are being mended; what was done appears under «mended»."))


def _asked(request: HttpRequest, ask: Callable[..., None], sentence: str) -> HttpResponse:
    ask(actor=request.actor, now=clock.now())
    toast(request, sentence, "ok")
    return HttpResponseRedirect(reverse("vault:custody"))


@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """The yearly check on one page to print and file, or as a spreadsheet."""
    policy.require_keeps_copies(request.actor)
    this = localtime(clock.now()).year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 1990 <= int(asked) <= this else this
    rows = reports.of_year(year)
    if request.GET.get("form") == "xlsx":
        return spreadsheet(f"custody-{year}.xlsx", _columns(), rows)
    kinds = _kinds()
    named = [(row, [(kinds[kind], number) for kind, number in sorted(row.kinds.items())]) for row in rows]
    context = {
        "year": year,
        "years": sorted({this, *reports.years()}, reverse=True),
        "rows": named,
        "copies": Copy.objects.count(),
    }
    return render(request, "vault/check.html", context)


def _columns() -> list[Column]:
    return [
        Column(_("Site"), lambda row: row.site),
        Column(_("Read whole"), lambda row: row.read_whole),
        Column(_("Objects read"), lambda row: row.objects),
        Column(_("Bytes read"), lambda row: row.bytes),
        Column(_("Found"), lambda row: row.found),
        Column(_("Mended"), lambda row: row.mended),
        Column(_("Still open"), lambda row: row.open),
        Column(_("Not read this year"), lambda row: row.unread),
    ]
