"""Later work of signing off: reminders, escalation, the duty officer, and the hospital's to-do list."""

from yidang import jobs
from yidang.approval import handing, seating
from yidang.approval.models import WAITING, Case
from yidang.common import clock
from yidang.jobs import JobRun


@jobs.every(300)
@jobs.task("approval.watch_times", retries=3, lease_seconds=60)
def watch_times(run: JobRun) -> None:
    """Remind of what falls due, pass on what is overdue, seat the duty officer for urgent cases after hours."""
    now = clock.now()
    for case in Case.objects.filter(state=WAITING).select_related("route", "asker").iterator(200):
        run.check_lease()
        seating.remind(case, now=now)
        seating.escalate(case, now=now)
        seating.seat_watch(case, now)


@jobs.task("approval.hand_over", retries=8, lease_seconds=60)
def hand_over(run: JobRun, *, seat_id: int) -> None:
    """Tell the to-do list of one waiting signature; tried again while it does not answer."""
    handing.hand_over(seat_id, now=clock.now())
