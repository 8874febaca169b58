"""Drafts and records for the catalogue's tests, made without files and without a vault."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from yidang.catalogue import numbers
from yidang.catalogue.drafts import DocumentDraft, RecordDraft
from yidang.catalogue.keeping import keep_records
from yidang.catalogue.models import ArchivalCode, Record, RecordClass
from yidang.common.dates import parse_civil_date
from yidang.common.ids import new_public_id
from yidang.people.models import Department

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)


def the_class(code: str) -> RecordClass:
    """A class with what a draft needs of it."""
    return RecordClass.objects.select_related("fonds", "scheme", "parent").get(code=code)


def make_draft(code: str = "WS·XZ", *, day: str = "2026-03-05", department: str = "YB", **said: Any) -> RecordDraft:
    """A draft as intake makes it, with one document."""
    record_class = the_class(code)
    civil = parse_civil_date(day) if day else None
    unit = Department.objects.filter(key=department).first()
    document = DocumentDraft(
        1,
        "正本",
        "通知.pdf",
        "documents/0001.pdf",
        20_000,
        "a" * 64,
        "b" * 128,
        "c" * 64,
        "fmt/276",
        "application/pdf",
        2,
    )
    values: dict[str, Any] = {
        "public_id": new_public_id(), "fonds": record_class.fonds, "record_class": record_class, "title": "关于印发管理办法的通知",
        "year": civil.year if civil else 2026, "retention": record_class.default_retention, "level": record_class.default_level,
        "received_at": NOW, "documents": (document,), "department_id": unit.pk if unit else None, "department_key": department,
        "date": civil.text if civil else "", "date_first": civil.first if civil else None, "date_last": civil.last if civil else None,
    }  # fmt: skip
    return RecordDraft(**{**values, **said})


def keep(*drafts: RecordDraft) -> list[Record]:
    """Number and insert drafts, as intake does once their bytes are kept."""
    with transaction.atomic():
        numbers.number_accessions(drafts, year=2026)
        numbers.reserve_codes(drafts)
        return [record for record, _documents in keep_records(drafts, now=NOW)]


def archived(*drafts: RecordDraft) -> list[Record]:
    """The same, accepted: archived, running codes final."""
    records = keep(*drafts)
    for record in records:
        if record.code and record.record_class.numbering == RecordClass.RUNNING:
            numbers.finalise_code(record.code, fonds_id=record.fonds_id)
            record.code_state = ArchivalCode.FINAL
        record.state, record.archived_at = Record.ARCHIVED, NOW
        record.save()
    return records
