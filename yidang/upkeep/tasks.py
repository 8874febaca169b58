"""What the calendar asks for: samples of figures, the doctor's look."""

from yidang import jobs
from yidang.common import clock
from yidang.jobs.registry import JobRun
from yidang.upkeep import asking, looking, sampling


@jobs.every(300)
@jobs.task("upkeep.sample", retries=1, lease_seconds=60, priority=8, at_once=1)
def sample(run: JobRun) -> None:
    """Remember how things stand."""
    sampling.take(clock.now())


@jobs.every(1800)
@jobs.task("upkeep.look_by_itself", retries=1, lease_seconds=300, priority=8, at_once=1)
def look_by_itself(run: JobRun) -> None:
    """Let the doctor look without being asked."""
    looking.look(clock.now())


@jobs.task(asking.LOOK, retries=1, lease_seconds=300, priority=-1, at_once=1)
def look(run: JobRun) -> None:
    """Let the doctor look, as somebody asked."""
    looking.look(clock.now())
