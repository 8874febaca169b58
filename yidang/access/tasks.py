"""Later work of access."""

from yidang import jobs
from yidang.access import actions
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs import JobRun


@jobs.every(60)
@jobs.task("access.close", retries=3, lease_seconds=60)
def close(run: JobRun) -> None:
    """Write the second entry of openings that have ended."""
    while actions.close_openings(actor=Actor.system("access"), now=clock.now()):
        run.check_lease()
