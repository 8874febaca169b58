"""Later work of oversight."""

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs import JobRun
from yidang.oversight import learning, numbers, probing, reviewing, unused, watching


@jobs.every(120)
@jobs.task("oversight.look", retries=3, lease_seconds=120)
def look(run: JobRun) -> None:
    """Read what was opened since the last look, and what was refused within the hour."""
    while watching.look(actor=Actor.system("oversight"), now=clock.now()):
        run.check_lease()
    probing.look(actor=Actor.system("oversight"), now=clock.now())


@jobs.every(24 * 3600)
@jobs.task("oversight.learn", retries=3, lease_seconds=600)
def learn(run: JobRun) -> None:
    """Learn what is usual, once a day."""
    learning.learn(now=clock.now())


@jobs.every(24 * 3600)
@jobs.task("oversight.count_rights", retries=3, lease_seconds=1800)
def count_rights(run: JobRun) -> None:
    """Count what duties reach and which rights nobody uses, once a day or when asked."""
    numbers.count_reach(now=clock.now())
    run.check_lease()
    unused.find_unused(now=clock.now())


@jobs.every(24 * 3600)
@jobs.task("oversight.review_rights", retries=3, lease_seconds=120)
def review_rights(run: JobRun) -> None:
    """Begin the yearly review when its year is over; say so when one is overdue."""
    reviewing.open_by_calendar(now=clock.now())
    reviewing.remind_overdue(now=clock.now())
