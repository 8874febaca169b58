"""Later work of search."""

from yidang import jobs
from yidang.common import clock
from yidang.jobs import JobRun
from yidang.search import copies, following


@jobs.every(3600)
@jobs.task("search.trim", retries=3, lease_seconds=60, priority=9, at_once=1)
def trim(run: JobRun) -> None:
    """Remove rows of the feed that every machine's index has passed."""
    copies.trim(clock.now())


@jobs.every(3600)
@jobs.task("search.follow", retries=3, lease_seconds=120, priority=8, at_once=1)
def follow(run: JobRun) -> None:
    """Ask the questions that people follow, so that their desk says what is new."""
    following.ask_all(clock.now(), run.check_lease)
