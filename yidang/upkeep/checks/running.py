"""Whether the work goes on: tasks are taken, the index follows."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from yidang import search
from yidang.common import clock
from yidang.jobs.models import Job
from yidang.upkeep.checks.finding import BAD, Finding

LATE = timedelta(minutes=10)
INDEX_LATE_SECONDS = 60


def jobs() -> Iterator[Finding]:
    """Work that was set aside, and work that nobody takes."""
    aside = Job.objects.filter(state=Job.SET_ASIDE).order_by().values_list("name").annotate(count=Count("pk"))
    for name, count in aside:
        yield Finding(
            "jobs", BAD, _("%(count)d tasks «%(name)s» were set aside.") % {"count": count, "name": name},
            _("Their reasons stand on the page of tasks, where they are tried again."),
        )  # fmt: skip
    waiting = Job.objects.filter(state=Job.WAITING, run_after__lt=clock.now() - LATE).count()
    working = Job.objects.filter(state=Job.RUNNING, lease_until__gt=clock.now()).exists()
    if waiting and not working:
        yield Finding(
            "jobs", BAD, _("%(count)d tasks have waited for more than ten minutes, and no worker takes them.") % {"count": waiting},
            _("Start «yidang serve»; if it runs, look into its log."),
        )  # fmt: skip


def index() -> Iterator[Finding]:
    """How far the search index is behind."""
    state = search.status()
    if state.lag.seconds > INDEX_LATE_SECONDS:
        yield Finding(
            "search", BAD,
            _("The search index is %(seconds)d seconds and %(changes)d changes behind.")
            % {"seconds": state.lag.seconds, "changes": state.lag.changes},
            _("Start «yidang serve»; if it runs, build the index anew with «yidang search rebuild»."),
        )  # fmt: skip
