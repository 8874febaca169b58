"""Changes of one record's state after it is kept: accepted, taken back."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue import holdings, numbers, row_digests
from yidang.catalogue.actions.announcing import announce
from yidang.catalogue.models import Record, RecordChange, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import WrongState


def archive_record(record: Record, *, actor: Actor, now: datetime) -> None:
    """Register a received record: archived from now on, its running code final. Called by intake's acceptance.

    :raises WrongState: it is not waiting for acceptance
    """
    values: dict[str, Any] = {"state": Record.ARCHIVED, "archived_at": now, "updated_at": now}
    if record.code and record.record_class.numbering == RecordClass.RUNNING:
        numbers.finalise_code(record.code, fonds_id=record.fonds_id)
        values["code_state"] = "final"
    if Record.objects.filter(pk=record.pk, state=Record.RECEIVED).update(**values) != 1:
        raise WrongState(_("The record is not waiting for acceptance."), code="record_not_waiting")
    for name, value in values.items():
        setattr(record, name, value)
    announce(record, now)


def withdraw_record(record: Record, *, actor: Actor, now: datetime) -> None:
    """Take a received record out of the catalogue: nobody finds it any more, its code is free or void.

    Its bytes stay until disposal removes them; an archived record is never withdrawn.

    :raises WrongState: it is archived already
    """
    taken = Record.objects.filter(pk=record.pk, state=Record.RECEIVED).update(
        state=Record.WITHDRAWN, code="", code_state="", updated_at=now
    )
    if taken != 1:
        raise WrongState(_("The record is archived; it can no longer be taken back."), code="record_archived")
    holdings.count([record], by=-1)
    if record.code:
        numbers.release_code(record.code, fonds_id=record.fonds_id, without_gaps=record.record_class.without_gaps)
    record.state, record.code, record.code_state = Record.WITHDRAWN, "", ""
    announce(record, now, kind=RecordChange.REMOVED)
    audit.write(
        "catalogue.record.withdrawn", actor=actor, target_kind="record", target=record.public_id, now=now,
        row=row_digests.digest_of(record),
    )  # fmt: skip
