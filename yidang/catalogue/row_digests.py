"""Records and the schedule bound to the log: the digest of a row as an act leaves it, for ``audit.write(…, row=…)``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, register
from yidang.catalogue import package
from yidang.catalogue.drafts import RecordDraft
from yidang.catalogue.models import Fonds, Record, Rendition, RetentionSchedule

RECORD, SCHEDULE, RENDITION, FONDS = "record", "schedule", "rendition", "fonds"
# What the digest covers, for ever: what the description gains later must not make every record look edited.
FIELDS = (
    "id", "fonds", "class", "kind", "volume", "title", "document_number", "creator", "department", "date", "year",
    "retention", "retention_rule", "level", "owner", "patient_number", "code", "code_state", "accession_number",
    "description", "keywords", "parties", "metadata", "workflow", "source_system", "source_id", "state", "received_at",
    "archived_at",
)  # fmt: skip
DOCUMENT_FIELDS = ("number", "role", "name", "path", "size", "sha256", "sha512", "sm3", "format", "mime")


def digest_of_draft(draft: RecordDraft) -> str:
    """The digest that the row of a draft will have once it is kept."""
    return _digest(package.draft_json(draft), draft.level)


def digest_of(record: Record) -> str:
    """The digest of one record's row with its documents, as the database holds it now."""
    return digests_of_records([str(record.public_id)])[str(record.public_id)]


def digests_of_records(keys: Sequence[str]) -> dict[str, str]:
    """The digests of records by their public ids; those that are not there are left out."""
    rows = Record.objects.filter(public_id__in=[UUID(key) for key in keys])
    rows = rows.select_related("fonds", "record_class", "department", "retention_rule", "owner", "volume", "covered")
    return {
        str(record.public_id): _digest(package.record_json(record), record.level)
        for record in rows.prefetch_related("documents")
    }


def _digest(description: Mapping[str, Any], level: int) -> str:
    whole = {**description, "level": level}
    documents = [[one[name] for name in DOCUMENT_FIELDS] for one in description["documents"]]
    return hash_body(canonical(["record/1", [whole[name] for name in FIELDS], documents]))


def digests_in_parts(keys: Iterable[str]) -> dict[str, str]:
    """The digests of any number of records, five hundred at a time."""
    wanted, found = list(keys), dict[str, str]()
    for first in range(0, len(wanted), 500):
        found |= digests_of_records(wanted[first : first + 500])
    return found


def _record_keys() -> Iterator[str]:
    for key in Record.objects.order_by("pk").values_list("public_id", flat=True).iterator(chunk_size=2000):
        yield str(key)


def digest_of_schedule(schedule: RetentionSchedule) -> str:
    """The digest of a retention schedule with its approval and all its rules."""
    rules = schedule.rules.order_by("key").values_list(
        "key", "group", "class_code", "title", "retention", "kind", "years", "trigger", "basis", "confidence", "note"
    )
    return hash_body(
        canonical(
            {
                "version": schedule.version, "title": schedule.title, "status": schedule.status,
                "approved_on": str(schedule.approved_on or ""), "approval": schedule.approval,
                "rules": [list(rule) for rule in rules],
            }
        )
    )  # fmt: skip


def _digests_of_schedules(keys: Sequence[str]) -> dict[str, str]:
    rows = RetentionSchedule.objects.filter(pk__in=[int(key) for key in keys])
    return {str(schedule.pk): digest_of_schedule(schedule) for schedule in rows}


def _schedule_keys() -> Iterator[str]:
    for key in RetentionSchedule.objects.order_by("pk").values_list("pk", flat=True):
        yield str(key)


# What the digest of a fonds covers of its classes, for ever.
CLASS_FIELDS = (
    "code", "labels", "position", "arrangement", "code_template", "numbering", "without_gaps", "visibility",
    "default_level", "default_retention", "takes_records", "is_active",
)  # fmt: skip


def digest_of_fonds(fonds: Fonds) -> str:
    """The digest of a fonds with all its classes and the schemes of their fields."""
    classes = fonds.classes.select_related("parent", "scheme").order_by("code")
    schemes = {one.scheme.pk: one.scheme for one in classes if one.scheme is not None}
    return hash_body(
        canonical(
            {
                "kind": "fonds/1", "code": fonds.code, "labels": fonds.labels, "time_zone": fonds.time_zone,
                "classes": [
                    [
                        *(getattr(one, name) for name in CLASS_FIELDS), one.parent.code if one.parent else "",
                        [one.scheme.key, one.scheme.version] if one.scheme else [],
                    ]
                    for one in classes
                ],
                "schemes": sorted(([one.key, one.version, one.labels, one.fields] for one in schemes.values()), key=str),
            }
        )
    )  # fmt: skip


def _digests_of_fonds(keys: Sequence[str]) -> dict[str, str]:
    rows = Fonds.objects.filter(public_id__in=[UUID(key) for key in keys])
    return {str(fonds.public_id): digest_of_fonds(fonds) for fonds in rows}


def _fonds_keys() -> Iterator[str]:
    for key in Fonds.objects.order_by("pk").values_list("public_id", flat=True):
        yield str(key)


def digest_of_rendition(one: Rendition) -> str:
    """The digest of one conversion, with the record that its document belongs to."""
    return hash_body(canonical(["rendition/1", str(one.document.record.public_id), package.rendition_json(one)]))


def _digests_of_renditions(keys: Sequence[str]) -> dict[str, str]:
    rows = Rendition.objects.filter(public_id__in=[UUID(key) for key in keys]).select_related("document__record")
    return {str(one.public_id): digest_of_rendition(one) for one in rows}


def _rendition_keys() -> Iterator[str]:
    for key in Rendition.objects.order_by("pk").values_list("public_id", flat=True).iterator(chunk_size=2000):
        yield str(key)


def lend() -> None:
    """Have records, schedules, conversions and fonds with their classes compared with the log."""
    register(RowKind(RECORD, digests_of_records, _record_keys))
    register(RowKind(SCHEDULE, _digests_of_schedules, _schedule_keys))
    register(RowKind(RENDITION, _digests_of_renditions, _rendition_keys))
    register(RowKind(FONDS, _digests_of_fonds, _fonds_keys))
