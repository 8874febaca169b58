"""Later work of access."""

from yidang import jobs
from yidang.access import actions, emergency
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs import JobRun


@jobs.every(60)
@jobs.task("access.close", retries=3, lease_seconds=60)
def close(run: JobRun) -> None:
    """Write the second entry of openings that have ended."""
    while actions.close_openings(actor=Actor.system("access"), now=clock.now()):
        run.check_lease()


@jobs.every(300)
@jobs.task("access.escalate", retries=3, lease_seconds=60)
def escalate(run: JobRun) -> None:
    """Pass on emergency accesses that nobody reviewed in time."""
    emergency.escalate_unreviewed(actor=Actor.system("access"), now=clock.now())
