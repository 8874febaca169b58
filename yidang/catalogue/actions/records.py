"""Changes of one record after it is kept: accepted, described better, taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit, jobs
from yidang.audit.chain import canonical, hash_body
from yidang.catalogue import numbers, package, policy
from yidang.catalogue.models import Record, RecordChange, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState

# What an archivist may still improve after acceptance; everything else is locked (GB/T 39784-2021 5.3).
OPEN_FIELDS = frozenset({"keywords", "description"})
EDITABLE = frozenset({"title", "document_number", "creator", "keywords", "parties", "description"})


class RecordLocked(WrongState):
    """An archived record's description is locked."""

    code = "record_locked"
    default_message = gettext_lazy("The record is archived; this part of its description is locked.")
    default_remedy = gettext_lazy(
        "Keywords and the abstract can still be changed; anything else needs an approved correction."
    )


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
    _announce(record, now)


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
    if record.code:
        numbers.release_code(record.code, fonds_id=record.fonds_id, without_gaps=record.record_class.without_gaps)
    record.state, record.code, record.code_state = Record.WITHDRAWN, "", ""
    _announce(record, now, kind=RecordChange.REMOVED)


@transaction.atomic
def describe_record(record: Record, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Record:
    """Improve a record's description.

    :raises NotAllowed: the actor keeps no branch in which it stands
    :raises RecordLocked: it is archived and the field is not an open one
    :raises InvalidInput: a field that cannot be changed here, or an empty title
    """
    policy.require(record.public_id, actor=actor, action="describe")
    locked = Record.objects.select_for_update().get(pk=record.pk)
    changed = {name: value for name, value in values.items() if getattr(locked, name, None) != value}
    unknown = sorted(set(changed) - EDITABLE)
    if unknown:
        raise InvalidInput(_("«%(field)s» cannot be changed here.") % {"field": unknown[0]}, field=unknown[0])
    if locked.state == Record.ARCHIVED and not OPEN_FIELDS.issuperset(changed):
        raise RecordLocked(field=min(set(changed) - OPEN_FIELDS))
    if "title" in changed and not str(changed["title"]).strip():
        raise InvalidInput(_("The title is missing."), field="title", remedy=_("Give the record a title."))
    if not changed:
        return locked
    before = hash_body(canonical(package.record_json(locked)))
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.updated_at = now
    locked.save(update_fields=[*changed, "updated_at"])
    _announce(locked, now)
    audit.write(
        "catalogue.record.described", actor=actor, target_kind="record", target=locked.public_id, now=now,
        facts={"fields": sorted(changed), "before": before, "after": hash_body(canonical(package.record_json(locked)))},
    )  # fmt: skip
    return locked


def _announce(record: Record, now: datetime, *, kind: str = RecordChange.DESCRIPTION) -> None:
    """Tell the followers of the feed, and have the vault keep a new version of the description within a minute."""
    RecordChange.objects.create(record_id=record.pk, kind=kind, at=now)
    jobs.later("catalogue.version", key=str(record.pk), record_id=record.pk)
