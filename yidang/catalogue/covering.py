"""Covering parts of a description with its pages, and uncovering them; the kept object always says the whole."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yidang import audit
from yidang.catalogue import row_digests
from yidang.catalogue.models import CoveredDescription, Document, Record, RecordChange
from yidang.common.actor import Actor

BLOCK = "█"
COLUMNS = ("title", "document_number", "creator", "description", "keywords", "parties", "metadata", "workflow")


def without(value: Any, finds: Sequence[str]) -> Any:
    """Texts, and texts within lists and objects, with what the patterns find replaced by blocks of the same length."""
    if isinstance(value, str):
        for find in finds:
            value = re.sub(find, lambda match: BLOCK * len(match[0]), value)
        return value
    if isinstance(value, list):
        return [without(one, finds) for one in value]
    if isinstance(value, dict):
        return {key: without(one, finds) for key, one in value.items()}
    return value


def covered_fields(record: Record) -> set[str]:
    """The columns of a record's row that hold blocks."""
    covered = CoveredDescription.objects.filter(record=record).first()
    return set(covered.fields) if covered else set()


def clear(record: Record) -> dict[str, Any]:
    """The columns of the description as they are behind all masks."""
    covered = CoveredDescription.objects.filter(record=record).first()
    return {name: getattr(record, name) for name in COLUMNS} | (covered.fields if covered else {})


def cover_description(record: Record, finds: Sequence[str], *, actor: Actor, now: datetime) -> list[str]:
    """Cover what the patterns find in the description and the names of its files, inside the caller's transaction.

    :param finds: the patterns of every mask that is live now; none uncovers everything
    :returns: the names of the fields that are covered now
    """
    assert transaction.get_connection().in_atomic_block
    locked = Record.objects.select_for_update().get(pk=record.pk)
    before = CoveredDescription.objects.filter(record=locked).first()
    whole, fields = clear(locked), {}
    for name, value in whole.items():
        shown = without(value, finds)
        if shown != value:
            fields[name] = value
        setattr(locked, name, shown)
    names = _cover_names(locked, finds, before.names if before else {})
    if before is None and not fields and not names:
        return []
    locked.save(update_fields=list(COLUMNS))
    if fields or names:
        CoveredDescription.objects.update_or_create(record=locked, defaults={"fields": fields, "names": names})
    elif before is not None:
        before.delete()
    covered = sorted([*fields, *(["documents"] if names else [])])
    # The index hears of it as of a change of permissions: until it has, the database answers for the record.
    RecordChange.objects.create(record_id=locked.pk, kind=RecordChange.PERMISSION, at=now)
    audit.write(
        "catalogue.record.covered", actor=actor, target_kind="record", target=locked.public_id, now=now,
        facts={"fields": covered}, row=row_digests.digest_of(locked),
    )  # fmt: skip
    return covered


def _cover_names(record: Record, finds: Sequence[str], before: dict[str, str]) -> dict[str, str]:
    """Cover the names of files; returns the clear names of those that are covered now."""
    names = {}
    for document in Document.objects.filter(record=record):
        whole = before.get(str(document.number), document.name)
        shown = without(whole, finds)
        if shown != whole:
            names[str(document.number)] = whole
        if shown != document.name:
            Document.objects.filter(pk=document.pk).update(name=shown)
    return names


def uncovered(record: Record, documents: Sequence[Document]) -> bool:
    """Put the clear values into these rows in memory, for a reader who is shown them; whether any was covered."""
    covered = CoveredDescription.objects.filter(record=record).first()
    if covered is None:
        return False
    for name, value in covered.fields.items():
        setattr(record, name, value)
    for document in documents:
        document.name = covered.names.get(str(document.number), document.name)
    return True
