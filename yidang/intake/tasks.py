"""Later work of intake."""

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.intake.actions import drafting, reconciling, recovering
from yidang.intake.list_models import SourceList
from yidang.jobs import JobRun


@jobs.every(60)
@jobs.task("intake.recover", retries=3, lease_seconds=120, at_once=1)
def recover(run: JobRun) -> None:
    """Give back what filings that died had reserved."""
    recovering.finish_reserved(actor=Actor.system("recovery"), now=clock.now())


@jobs.every(24 * 3600)
@jobs.task("intake.discard_drafts", retries=3, lease_seconds=120, at_once=1)
def discard_drafts(run: JobRun) -> None:
    """End drafts of the web form that nobody touched for a month."""
    while drafting.discard_old(now=clock.now()):
        run.check_lease()


@jobs.task("intake.compare_list", retries=3, lease_seconds=600, at_once=1)
def compare_list(run: JobRun, list_id: int) -> None:
    """Compare one source list with what arrived."""
    given = SourceList.objects.filter(pk=list_id, closed_at=None).first()
    if given is not None:
        reconciling.compare(given, actor=Actor.system("reconciliation"), now=clock.now())


@jobs.every(24 * 3600)
@jobs.task("intake.compare_lists", retries=3, lease_seconds=600, at_once=1)
def compare_lists(run: JobRun) -> None:
    """Every open list again: what came since is no longer missing."""
    for given in SourceList.objects.filter(closed_at=None).order_by("pk").iterator(chunk_size=100):
        reconciling.compare(given, actor=Actor.system("reconciliation"), now=clock.now())
        run.check_lease()


@jobs.chore
def recover_here() -> None:
    """What this machine's own dead processes reserved, and files of drafts that ended elsewhere."""
    recovering.finish_reserved(actor=Actor.system("recovery"), now=clock.now())
    drafting.clear_here(clock.now())
