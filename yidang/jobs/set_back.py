"""A clock that was ahead and was set back: what was written meanwhile must not wait until the clock has caught up."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from yidang.jobs.models import Job
from yidang.jobs.registry import TASKS

# Clocks of several machines differ by less.
TOLERANCE = timedelta(minutes=1)


def bring_back(now: datetime, *, longest_pause: timedelta) -> int:
    """Let work from the future be due now, and leases from the future end as if they were taken now.

    A worker that lives renews its lease within seconds, so that only the work of a dead one is taken over.

    :param longest_pause: for which a failed job may rightly wait
    :returns: how many jobs were from the future
    """
    longest = max((entry.lease for entry in TASKS.values()), default=TOLERANCE)
    leased = Q(state=Job.RUNNING, lease_until__gt=now + longest + TOLERANCE)
    failed = Q(state=Job.WAITING, attempts__gt=0, run_after__gt=now + longest_pause + TOLERANCE)
    asked = Q(created_at__gt=now + TOLERANCE)
    if not Job.objects.filter(leased | failed | asked).exists():
        return 0  # nobody waits in the writers' queue for nothing
    with transaction.atomic():
        return (
            Job.objects.filter(leased).update(lease_until=now + longest)
            + Job.objects.filter(failed).update(run_after=now)
            # What recurs goes by the day of its last run, so that of an ended one is brought back as well.
            + Job.objects.filter(asked).update(created_at=now, run_after=now)
        )
