"""Access freezes: looking stops for everyone who is not named, with effect on the next page; the entry stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.people.models import User
from yidang.permissions import row_digests
from yidang.permissions.models import AccessFreeze


class AccessFrozen(NotAllowed):
    """Looking at the record is frozen, whatever duty or grant there is."""

    code = "access_frozen"
    default_message = gettext_lazy("Looking at this record is frozen.")
    default_remedy = gettext_lazy("Ask whoever keeps it; those who are named can still look.")


def live_freezes(record: Any) -> QuerySet[AccessFreeze]:
    """The freezes that hold for a record, by itself or with its patient."""
    held = Q(record_id=record.pk)
    if record.patient_number:
        held |= Q(record_id=None, patient_number=record.patient_number)
    return AccessFreeze.objects.filter(held, lifted_at=None)


def is_frozen(record: Any) -> bool:
    """Whether looking at a record is frozen for anybody."""
    return live_freezes(record).exists()


def is_frozen_for(user_id: int, record: Any) -> bool:
    """Whether a freeze stops this person; the treating team's exception is asked of the clauses alone."""
    return live_freezes(record).exclude(named=user_id).exists()


def may_freeze(actor: Actor) -> bool:
    """Those who keep records; that they keep this one is the caller's to ask."""
    return actor.kind == "person" and actor.has_duty("archivist", "records_clerk")


def freeze_access(
    *,
    record_id: int | None,
    record: str,
    patient_number: str,
    named: Sequence[User],
    care_goes_on: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> AccessFreeze:
    """Stop looking at a record, or at all records of a patient.

    :param record_id: the record's internal number; none: the patient's records
    :param record: the record's public id, for the log
    :raises NotAllowed: the actor keeps no records
    :raises InvalidInput: no reason, nothing to freeze, or it is frozen already
    """
    if not may_freeze(actor):
        raise NotAllowed(_("Those who keep records freeze access to them."), code="not_a_keeper")
    reason = " ".join(reason.split())[:200]
    if len(reason) < 4:
        raise InvalidInput(_("Say in a few words why access is frozen."), field="reason")
    if record_id is None and not patient_number:
        raise InvalidInput(_("Name the record or the patient."), field="record")
    same = AccessFreeze.objects.filter(lifted_at=None, record_id=record_id)
    if (same if record_id is not None else same.filter(patient_number=patient_number)).exists():
        raise InvalidInput(_("Access is frozen already."), field="record", code="frozen_already")
    with transaction.atomic():
        freeze = AccessFreeze.objects.create(
            record_id=record_id, patient_number="" if record_id is not None else patient_number, reason=reason,
            care_goes_on=care_goes_on, set_by_id=actor.user_id, set_at=now,
        )  # fmt: skip
        freeze.named.set(named)
        audit.write(
            "permissions.freeze.set", actor=actor, target_kind="record" if record else "freeze", now=now,
            target=record or freeze.public_id,
            facts={
                "freeze": str(freeze.public_id), "named": sorted(user.username for user in named), "care": care_goes_on
            },
            personal={"reason": reason, "patient_number": freeze.patient_number},
        )  # fmt: skip
        _bind(freeze, actor, now)
    return freeze


def lift_freeze(freeze: AccessFreeze, *, note: str, record: str, actor: Actor, now: datetime) -> None:
    """Let the rules hold again.

    :param record: the record's public id, for the log; empty for a patient's
    :raises NotAllowed: the actor keeps no records
    :raises InvalidInput: nothing is said
    :raises WrongState: it was lifted before
    """
    if not may_freeze(actor):
        raise NotAllowed(_("Those who keep records freeze access to them."), code="not_a_keeper")
    note = " ".join(note.split())[:200]
    if not note:
        raise InvalidInput(_("Say why it is lifted."), field="note")
    with transaction.atomic():
        done = AccessFreeze.objects.filter(pk=freeze.pk, lifted_at=None).update(
            lifted_at=now, lifted_by_id=actor.user_id, lift_note=note
        )
        if not done:
            raise WrongState(_("It was lifted before."), code="freeze_lifted")
        audit.write(
            "permissions.freeze.lifted", actor=actor, target_kind="record" if record else "freeze", now=now,
            target=record or freeze.public_id, facts={"freeze": str(freeze.public_id)}, personal={"note": note},
        )  # fmt: skip
        _bind(freeze, actor, now)


def _bind(freeze: AccessFreeze, actor: Actor, now: datetime) -> None:
    """Tell the log what the freeze is now."""
    audit.write(
        "permissions.freeze.bound", actor=actor, target_kind=row_digests.FREEZE, target=freeze.public_id, now=now,
        row=row_digests.digest_of_freeze(str(freeze.public_id)),
    )  # fmt: skip
