"""Later work of oversight."""

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs import JobRun
from yidang.oversight import learning, watching


@jobs.every(120)
@jobs.task("oversight.look", retries=3, lease_seconds=120)
def look(run: JobRun) -> None:
    """Read what was opened since the last look."""
    while watching.look(actor=Actor.system("oversight"), now=clock.now()):
        run.check_lease()


@jobs.every(24 * 3600)
@jobs.task("oversight.learn", retries=3, lease_seconds=600)
def learn(run: JobRun) -> None:
    """Learn what is usual, once a day."""
    learning.learn(now=clock.now())
