"""任务: what runs, what waits, what was set aside and why."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.jobs import actions
from yidang.jobs.models import Job
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

STATES = (Job.RUNNING, Job.WAITING, Job.SET_ASIDE, Job.DONE, Job.CANCELLED)


def _keeper(request: HttpRequest) -> None:
    """Tasks name records by number only, so that the system administrator may see them."""
    if not request.actor.has_duty("archivist", "system_admin"):
        raise NotFound()


def _words() -> dict[str, tuple[str, str]]:
    return {
        Job.RUNNING: ("wait", _("running")),
        Job.WAITING: ("wait", _("waiting")),
        Job.DONE: ("ok", _("done")),
        Job.SET_ASIDE: ("bad", _("set aside")),
        Job.CANCELLED: ("plain", _("cancelled")),
    }


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks of a state, the newest first, with progress."""
    _keeper(request)
    state = request.GET.get("state", "")
    words = _words()
    jobs = Job.objects.filter(state=state) if state in STATES else Job.objects.exclude(state=Job.DONE)
    counts = dict(Job.objects.values_list("state").annotate(n=Count("id")).order_by())
    page = page_of_request(request, jobs, order_by=("-created_at", "-id"))
    rows = [
        {"job": job, "kind": words[job.state][0], "word": words[job.state][1], "total": job.done + job.left}
        for job in page.items
    ]
    tabs = [(key, words[key][1], counts.get(key)) for key in STATES]
    return render(request, "jobs/tasks.html", {"page": page, "rows": rows, "tabs": tabs, "state": state})


def _job(number: int) -> Job:
    found = Job.objects.filter(pk=number).first()
    if found is None:
        raise NotFound()
    return found


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Try a task again."""
    _keeper(request)
    actions.try_again(_job(number), actor=request.actor, now=clock.now())
    toast(request, _("The task waits again."), "ok")
    return HttpResponseRedirect(reverse("jobs:list"))


@require_POST
def cancellation(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel a task."""
    _keeper(request)
    actions.cancel(_job(number), actor=request.actor, now=clock.now())
    toast(request, _("The task was cancelled."), "ok")
    return HttpResponseRedirect(reverse("jobs:list"))
