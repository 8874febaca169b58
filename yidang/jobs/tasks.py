"""Regular work of the log, which stands below this package and cannot ask for it itself."""

from yidang import jobs
from yidang.audit import checkpoints, later, verifying, witnesses
from yidang.audit.models import Verification
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs.registry import JobRun


# The schedule is looked at every five seconds: together no more than a minute.
@jobs.every(checkpoints.SECONDS - 5)
@jobs.task(later.CHECKPOINT, retries=3, lease_seconds=120, priority=-5, at_once=1)
def checkpoint(run: JobRun) -> None:
    """Sign the head of the log when it is time, and show it to the witnesses."""
    checkpoints.take_if_due(clock.now())
    witnesses.show_all(clock.now())


@jobs.every(24 * 3600)
@jobs.task("audit.thin", retries=3, lease_seconds=60, priority=9)
def thin(run: JobRun) -> None:
    """Of old checkpoints keep one a day."""
    checkpoints.thin(clock.now())


@jobs.task(later.VERIFY, retries=2, lease_seconds=120, priority=5, at_once=1)
def verify(run: JobRun, *, verification_id: int) -> None:
    """Check the whole log, as somebody asked."""
    verifying.run_verification(Verification.objects.get(pk=verification_id), beat=run.check_lease)


@jobs.every(24 * 3600)
@jobs.task("audit.verify_daily", retries=2, lease_seconds=120, priority=8, at_once=1)
def verify_daily(run: JobRun) -> None:
    """Check the whole log once a day without being asked."""
    made = Verification.objects.create(asked_at=clock.now(), asked_by=Actor.system("calendar").username)
    verifying.run_verification(made, beat=run.check_lease)
