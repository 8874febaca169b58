"""Making the rows of records that were packaged and whose bytes are kept, many at once."""

from collections.abc import Sequence
from datetime import datetime

from yidang.catalogue import holdings, numbers
from yidang.catalogue.drafts import RecordDraft
from yidang.catalogue.models import Document, Record, RecordChange


def keep_records(drafts: Sequence[RecordDraft], *, now: datetime) -> list[tuple[Record, list[Document]]]:
    """Insert records with their documents and announce them on the feed, inside the caller's transaction.

    The caller has reserved their numbers and keeps their bytes already; permission was asked at the door.
    """
    records = Record.objects.bulk_create(_record(draft, now) for draft in drafts)
    documents = [_documents(draft, record) for draft, record in zip(drafts, records, strict=True)]
    Document.objects.bulk_create(document for group in documents for document in group)
    RecordChange.objects.bulk_create(RecordChange(record_id=record.pk, at=now) for record in records)
    holdings.count(records)
    numbers.bind_codes([(record.code, record.pk) for record in records if record.code], fonds_id=records[0].fonds_id)
    return list(zip(records, documents, strict=True))


def _record(draft: RecordDraft, now: datetime) -> Record:
    return Record(
        public_id=draft.public_id,
        fonds=draft.fonds,
        record_class=draft.record_class,
        kind=draft.kind,
        title=draft.title,
        document_number=draft.document_number,
        creator=draft.creator,
        department_id=draft.department_id,
        date=draft.date,
        date_first=draft.date_first,
        date_last=draft.date_last,
        year=draft.year,
        retention=draft.retention,
        retention_rule=draft.retention_rule,
        level=draft.level,
        owner_id=draft.owner_id,
        patient_number=draft.patient_number,
        code=draft.code,
        code_state=draft.code_state,
        accession_number=draft.accession_number,
        description=draft.description,
        keywords=list(draft.keywords),
        parties=list(draft.parties),
        metadata=dict(draft.metadata),
        workflow=[dict(step) for step in draft.workflow],
        source_system=draft.source_system,
        source_id=draft.source_id,
        state=Record.RECEIVED,
        received_at=draft.received_at,
        updated_at=now,
    )


def _documents(draft: RecordDraft, record: Record) -> list[Document]:
    return [
        Document(
            record=record, number=part.number, role=part.role, name=part.name, path=part.path, size=part.size,
            sha256=part.sha256, sha512=part.sha512, sm3=part.sm3, format=part.format, mime=part.mime, pages=part.pages,
        )
        for part in draft.documents
    ]  # fmt: skip
