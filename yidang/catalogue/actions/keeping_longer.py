"""Keeping longer: a period may be extended, never shortened, and a hold beats its end (promise D2)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.catalogue import holding, policy, row_digests
from yidang.catalogue.actions.announcing import announce
from yidang.catalogue.models import Record, RetentionHold
from yidang.catalogue.retention import is_longer
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound, WrongState

REASON_LEAST = 4


class NotLonger(WrongState):
    """The new period does not outlast the present one."""

    code = "retention_not_longer"
    default_message = gettext_lazy("A period is extended, never shortened.")
    default_remedy = gettext_lazy("Choose a longer period, or leave the record as it is.")


@transaction.atomic
def extend_retention(record: Record, *, period: str, reason: str, actor: Actor, now: datetime) -> Record:
    """Give a record a longer period.

    :param period: Y, D30, M6 …
    :raises NotAllowed: the actor keeps no branch in which it stands
    :raises NotLonger: the period does not outlast the present one, or is none
    :raises InvalidInput: no reason
    """
    policy.require(record.public_id, actor=actor, action="describe")
    reason = _reason(reason)
    locked = Record.objects.select_for_update().get(pk=record.pk)
    before = locked.retention
    if not is_longer(period, before):
        raise NotLonger(field="period")
    locked.retention, locked.updated_at = period, now
    locked.save(update_fields=["retention", "updated_at"])
    announce(locked, now)
    audit.write(
        "catalogue.retention.extended", actor=actor, target_kind="record", target=locked.public_id, now=now,
        facts={"from": before, "to": period, "reason": reason}, row=row_digests.digest_of(locked),
    )  # fmt: skip
    return locked


@transaction.atomic
def place_hold(record: Record, *, reason: str, actor: Actor, now: datetime) -> RetentionHold:
    """Keep a record beyond its period until the hold is lifted.

    :raises NotAllowed: the actor keeps no branch in which it stands
    :raises InvalidInput: no reason
    """
    policy.require(record.public_id, actor=actor, action="describe")
    hold = RetentionHold.objects.create(record=record, reason=_reason(reason), set_by=actor.username, set_at=now)
    _told("catalogue.hold.placed", hold, record, actor, now)
    return hold


@transaction.atomic
def lift_hold(record: Record, public_id: UUID, *, note: str, actor: Actor, now: datetime) -> RetentionHold:
    """End a hold; the record's own period decides again.

    :raises NotAllowed: the actor keeps no branch in which it stands
    :raises NotFound: the record has no such hold
    :raises WrongState: it was lifted before
    :raises InvalidInput: no reason
    """
    policy.require(record.public_id, actor=actor, action="describe")
    hold = RetentionHold.objects.select_for_update().filter(record=record, public_id=public_id).first()
    if hold is None:
        raise NotFound()
    if hold.lifted_at is not None:
        raise WrongState(_("This hold was lifted before."), code="hold_lifted")
    hold.lifted_at, hold.lifted_by, hold.lift_note = now, actor.username, _reason(note)
    hold.save(update_fields=["lifted_at", "lifted_by", "lift_note"])
    _told("catalogue.hold.lifted", hold, record, actor, now)
    return hold


def _told(event: str, hold: RetentionHold, record: Record, actor: Actor, now: datetime) -> None:
    """Into the object, so that a rebuild knows it, and into the log with the digest of the row."""
    announce(record, now)
    audit.write(
        event, actor=actor, target_kind=holding.HOLD, target=hold.public_id, now=now,
        facts={"record": str(record.public_id), "reason": hold.lift_note or hold.reason},
        row=holding.digest_of_hold(hold),
    )  # fmt: skip


def _reason(text: str) -> str:
    text = " ".join(text.split())[:200]
    if len(text) < REASON_LEAST:
        raise InvalidInput(_("Say in a few words why."), field="reason", code="reason_missing")
    return text
