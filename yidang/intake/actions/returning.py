"""Giving back: an archivist returns a submission with a reason; a sender takes one back before it is accepted."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval.actions import overtake
from yidang.catalogue import actions as catalogue
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.intake.actions.accepting import KIND
from yidang.intake.errors import NotWaiting
from yidang.intake.models import Return, Submission, Withdrawal


@transaction.atomic
def return_to_sender(submission: Submission, *, actor: Actor, reason: str, now: datetime) -> Return:
    """Give a submission back; its files stay in quarantine, or its kept record is withdrawn from the catalogue.

    :raises NotAllowed: only an archivist returns
    :raises InvalidInput: the sender must be told why
    :raises NotWaiting: it is accepted, returned or taken back already
    """
    if not actor.has_duty("archivist"):
        raise NotAllowed(_("Only an archivist returns a filing."))
    words = reason.strip()
    if not words:
        raise InvalidInput(_("The reason is missing."), field="reason", remedy=_("Tell the sender what to mend."))
    overtake(KIND, str(submission.public_id), actor=actor, now=now)
    _move(submission, (Submission.RECEIVED, Submission.QUARANTINED), Submission.RETURNED, now)
    _void_record(submission, actor=actor, now=now, reason=words)
    row = Return.objects.create(
        submission=submission, by=actor.display_name or actor.username, at=now, reason=words[:500]
    )
    audit.write(
        "intake.submission.returned", actor=actor, target_kind="submission", target=submission.public_id, now=now,
        facts={"accession_number": submission.accession_number}, personal={"reason": words[:500]},
    )  # fmt: skip
    return row


def may_withdraw(submission: Submission, actor: Actor) -> bool:
    """Whether this actor may take the submission back now: its sender, while nobody has accepted it."""
    return submission.state in {Submission.RECEIVED, Submission.QUARANTINED} and (
        submission.submitted_by_id is not None and submission.submitted_by_id == actor.user_id
    )


@transaction.atomic
def withdraw(submission: Submission, *, actor: Actor, reason: str, now: datetime) -> Withdrawal:
    """Take back a filing that no archivist has accepted yet: the receipt is void, and a gapless number is free again.

    :raises NotAllowed: it is not the actor's own filing
    :raises NotWaiting: it is accepted, returned or taken back already
    """
    if submission.submitted_by_id is None or submission.submitted_by_id != actor.user_id:
        raise NotAllowed(_("Only the sender takes a filing back."))
    overtake(KIND, str(submission.public_id), actor=actor, now=now)
    _move(submission, (Submission.RECEIVED, Submission.QUARANTINED), Submission.WITHDRAWN, now)
    _void_record(submission, actor=actor, now=now, reason=reason)
    row = Withdrawal.objects.create(
        submission=submission, by=actor.display_name or actor.username, at=now, reason=reason.strip()[:500]
    )
    audit.write(
        "intake.receipt.voided", actor=actor, target_kind="submission", target=submission.public_id, now=now,
        facts={"accession_number": submission.accession_number, "code": submission.code},
    )  # fmt: skip
    return row


def _move(submission: Submission, sources: tuple[str, ...], target: str, now: datetime) -> None:
    """Change the state if nobody was first.

    :raises NotWaiting: somebody was
    """
    if Submission.objects.filter(pk=submission.pk, state__in=sources).update(state=target, changed_at=now) != 1:
        submission.refresh_from_db(fields=["state"])
        raise NotWaiting(submission.state)
    submission.state = target


def _void_record(submission: Submission, *, actor: Actor, now: datetime, reason: str) -> None:
    record = Record.objects.filter(pk=submission.record_id).first() if submission.record_id else None
    if record is not None:
        catalogue.withdraw_record(record, actor=actor, now=now)
