"""Later work of intake."""

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.intake.actions import drafting, recovering
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
