"""What people do with tasks: try one again, cancel one."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.jobs.models import Job


@transaction.atomic
def try_again(job: Job, *, actor: Actor, now: datetime) -> None:
    """Let a task that was set aside wait again, with all its attempts before it.

    :raises WrongState: it is not set aside, or the same work waits already
    """
    try:
        with transaction.atomic():
            moved = Job.objects.filter(pk=job.pk, state=Job.SET_ASIDE).update(
                state=Job.WAITING, attempts=0, run_after=now, finished_at=None, error="", error_code=""
            )
    except IntegrityError as error:
        raise WrongState(
            _("The same work waits already."),
            code="job_waits_already",
            remedy=_("Cancel this task; the other one does its work."),
        ) from error
    if moved != 1:
        raise WrongState(_("This task is not set aside."))
    audit.write("jobs.job.retried", actor=actor, target_kind="job", target=job.pk, now=now, facts={"name": job.name})


@transaction.atomic
def cancel(job: Job, *, actor: Actor, now: datetime) -> None:
    """Take a waiting or set-aside task out of the queue.

    :raises WrongState: it runs, or has ended
    """
    moved = Job.objects.filter(pk=job.pk, state__in=[Job.WAITING, Job.SET_ASIDE]).update(
        state=Job.CANCELLED, finished_at=now
    )
    if moved != 1:
        raise WrongState(_("This task runs or has ended."))
    audit.write("jobs.job.cancelled", actor=actor, target_kind="job", target=job.pk, now=now, facts={"name": job.name})
