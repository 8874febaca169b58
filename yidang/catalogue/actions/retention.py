"""The retention schedule: a draft until the archives authority approves it."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.catalogue import row_digests
from yidang.catalogue.models import RetentionSchedule
from yidang.common.actor import Actor
from yidang.common.dates import parse_civil_date
from yidang.common.errors import InvalidInput, NotAllowed, WrongState

APPROVED = "approved"


class AlreadyApproved(WrongState):
    """The schedule's approval was entered before."""

    code = "already_approved"
    default_message = gettext_lazy("The approval of this schedule is entered already.")


@transaction.atomic
def approve_schedule(
    schedule: RetentionSchedule, *, approved_on: str, approval: str, actor: Actor, now: datetime
) -> RetentionSchedule:
    """Enter that the authority approved a schedule: when, and under which document.

    :raises NotAllowed: only an archivist enters it
    :raises InvalidInput: the day is not a day, or lies ahead; the document is missing
    :raises AlreadyApproved: it was entered before
    """
    if not actor.has_duty("archivist"):
        raise NotAllowed(_("Only an archivist enters the approval of the schedule."))
    day = parse_civil_date(approved_on, field="approved_on")
    if day.first != day.last or day.first > localdate(now):
        raise InvalidInput(
            _("The day of the approval is not a day that has been."), field="approved_on",
            remedy=_("Enter the day of the authority's document, as 2026-03-05."),
        )  # fmt: skip
    document = approval.strip()
    if not document or len(document) > 200:
        raise InvalidInput(
            _("The authority's document is missing or longer than 200 characters."), field="approval",
            remedy=_("Enter the authority and the number of its document."),
        )  # fmt: skip
    moved = RetentionSchedule.objects.filter(pk=schedule.pk).exclude(status=APPROVED)
    if moved.update(status=APPROVED, approved_on=day.first, approval=document) != 1:
        raise AlreadyApproved()
    schedule.refresh_from_db()
    audit.write(
        "catalogue.schedule.approved", actor=actor, target_kind="schedule", target=schedule.pk, now=now,
        facts={"version": schedule.version, "approved_on": day.text, "approval": document},
        row=row_digests.digest_of_schedule(schedule),
    )  # fmt: skip
    return schedule
