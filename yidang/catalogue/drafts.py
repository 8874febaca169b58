"""A record before it has rows: everything that is known of it, in one value that is validated, packaged and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Day
from datetime import datetime
from typing import Any
from uuid import UUID

from yidang.catalogue.models import Fonds, Record, RecordClass, RetentionRule


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """One file of a record: its role, its name as it came, where it will stand in the object, its digests."""

    number: int
    role: str
    name: str
    path: str
    size: int
    sha256: str
    sha512: str
    sm3: str
    format: str = ""
    mime: str = ""
    pages: int | None = None


@dataclass(slots=True)
class RecordDraft:
    """A record to be kept. ``accession_number``, ``code`` and ``code_state`` are filled when numbers are reserved."""

    public_id: UUID
    fonds: Fonds
    record_class: RecordClass
    title: str
    year: int
    retention: str
    level: int
    received_at: datetime
    documents: Sequence[DocumentDraft]
    document_number: str = ""
    creator: str = ""
    department_id: int | None = None
    department_key: str = ""
    date: str = ""
    date_first: Day | None = None
    date_last: Day | None = None
    retention_rule: RetentionRule | None = None
    owner_id: int | None = None
    owner_username: str = ""
    patient_number: str = ""
    description: str = ""
    keywords: Sequence[str] = ()
    parties: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    workflow: Sequence[Mapping[str, Any]] = ()
    source_system: str = ""
    source_id: str = ""
    proposed: Mapping[str, str] = field(default_factory=dict)
    accession_number: str = ""
    code: str = ""
    code_state: str = ""
    kind: str = Record.ITEM
