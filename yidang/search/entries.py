"""From a record and its page texts to its entry in the index."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import tantivy
from django.db.models import QuerySet

from yidang.catalogue.models import Document, Record, RecordClass
from yidang.people.models import Department
from yidang.search import schema as s
from yidang.search.normal import normalise, pairs, singles
from yidang.search.numbers import code_keys, number_keys
from yidang.search.pagetext import read_documents
from yidang.search.pinyin import initials, syllables

_DAYS = 40  # bits left for the record's number beside a day, so that every place in an order is one record's own
_SECONDS = 32
_DOCUMENT = ("record_id", "number", "role", "name", "pages", "text_state", "text_mark")


def ready(records: QuerySet[Record]) -> list[Record]:
    """Read records with everything that an entry and a hit are made of.

    Classes, schemes and departments are few and shared, so they are read once each instead of being joined to every record.
    """
    found = list(records)
    classes = RecordClass.objects.select_related("scheme").in_bulk({record.record_class_id for record in found})
    departments = Department.objects.in_bulk({record.department_id for record in found if record.department_id})
    documents: dict[int, list[Document]] = {record.pk: [] for record in found}
    for document in (
        Document.objects.filter(record_id__in=list(documents)).only(*_DOCUMENT).order_by("record_id", "number")
    ):
        documents[document.record_id].append(document)
    for record in found:
        record.record_class = classes[record.record_class_id]
        if record.department_id:
            record.department = departments[record.department_id]
        record.listed_documents = documents[record.pk]  # type: ignore[attr-defined]
    return found


@dataclass
class Parts:
    """The texts of a record by what they are; those under ``guarded`` are for people who may view its pages."""

    title: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    guarded: list[str] = field(default_factory=list)

    def described(self) -> Iterator[tuple[str, str]]:
        """Each text of the catalogue entry with the name of its part."""
        for name in ("title", "numbers", "codes", "people", "keywords", "rest"):
            for text in getattr(self, name):
                yield name, text


def parts_of(record: Record) -> Parts:
    """Take a record's description apart."""
    parts = Parts(
        title=[record.title],
        numbers=[record.document_number] if record.document_number else [],
        codes=[code for code in (record.code, record.accession_number, record.patient_number) if code],
        people=[*_texts(record.creator), *_texts(record.parties)],
        keywords=list(_texts(record.keywords)),
        rest=[
            *_texts(record.description),
            *_texts(record.workflow),
            *(document.name for document in documents_of(record)),
        ],
    )
    for key, value in record.metadata.items() if isinstance(record.metadata, dict) else ():
        facts = scheme_field(record, key)
        texts = [*_texts(value), *_labels(facts, value)]
        if facts.get("personal"):
            parts.guarded += texts
        elif facts.get("type") == "person":
            parts.people += texts
        else:
            parts.rest += texts
    return parts


def documents_of(record: Record) -> Sequence[Document]:
    """The record's documents, without a question to the database when they were fetched before."""
    listed = getattr(record, "listed_documents", None)
    return list(record.documents.all()) if listed is None else listed


def scheme_field(record: Record, key: str) -> Mapping[str, Any]:
    """What the class's scheme says of a field; empty when it says nothing."""
    scheme = record.record_class.scheme
    return next((entry for entry in scheme.fields if entry.get("key") == key), {}) if scheme else {}


def _labels(facts: Mapping[str, Any], value: Any) -> Iterator[str]:
    for choice in facts.get("choices") or ():
        if isinstance(choice, Mapping) and choice.get("value") in (value if isinstance(value, list) else [value]):
            yield from _texts(choice.get("labels") or {})


def _texts(value: Any) -> Iterator[str]:
    """Every text inside a value of JSON, without the names of its fields."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def facts_of(record: Record) -> Iterator[str]:
    """Fields of the scheme that are counted as facets: ``key=value``."""
    scheme = record.record_class.scheme
    for entry in scheme.fields if scheme else ():
        if entry.get("facet") and not entry.get("personal"):
            for text in _texts((record.metadata or {}).get(entry.get("key"))):
                yield f"{entry['key']}={text[:200]}"


def date_place(record: Record) -> int:
    """The record's place in the order of dates; undated ones come first."""
    day = record.date_first
    return ((day - date(1, 1, 1)).days + 1 if day else 0) << _DAYS | record.pk


def received_place(record: Record) -> int:
    """The record's place in the order of receipt."""
    return int(record.received_at.timestamp()) << _SECONDS | record.pk


def code_place(record: Record) -> str:
    """The record's place in the order of codes; those without one come last."""
    return f"{normalise(record.code) or '￿'}\t{record.pk:012d}"


def is_pending(record: Record) -> bool:
    """Whether the text of some document is not there yet."""
    return any(document.text_state == "pending" for document in documents_of(record))


def entry_of(record: Record, pages: Mapping[int, list[str]] | None = None) -> tantivy.Document:
    """The entry of a record.

    :param pages: the page texts by document, read from their store when not given
    """
    if pages is None:
        pages = read_documents(record.public_id, documents_of(record))
    entry = tantivy.Document()
    parts = parts_of(record)
    size = _add_texts(entry, parts, [*parts.guarded, *(page for texts in pages.values() for page in texts)])
    entry.add_integer(s.SIZE, size)
    _add_keys(entry, record, parts)
    for key in (key for text in parts.numbers for key in number_keys(text)):
        entry.add_text(s.NUMBER_KEY, key)
    for key in (key for text in parts.codes for key in code_keys(text)):
        entry.add_text(s.CODE_KEY, key)
    for text, is_name in [(record.title, False), *((name, True) for name in parts.people)]:
        read = syllables(text, name=is_name)
        if read:
            entry.add_text(s.SYLLABLES, " ".join(read))
            entry.add_text(s.INITIALS, pairs(initials(read)))
    return entry


@lru_cache(maxsize=8192)
def _spelled(text: str) -> tuple[str, str]:
    """The normal form of a described text and its pairs: names of offices, files and people come again and again."""
    normal = normalise(text)
    return normal, pairs(normal)


def _add_texts(entry: tantivy.Document, parts: Parts, bodies: list[str]) -> int:
    size = 0
    described = []
    for name, text in parts.described():
        normal, paired = _spelled(text)
        described.append(normal)
        size += len(normal)
        entry.add_text(name, paired)
        if name not in {s.TITLE, s.REST}:
            entry.add_text(s.REST, paired)  # a question for any part then looks into three fields, not seven
    entry.add_text(s.CHARS, singles(*described))
    normals = [normalise(body) for body in bodies]
    for normal in normals:
        if normal:
            size += len(normal)
            entry.add_text(s.BODY, pairs(normal))
    if normals:
        entry.add_text(s.BODY_CHARS, singles(*normals))
    return size


def _add_keys(entry: tantivy.Document, record: Record, parts: Parts) -> None:
    numbers = {
        s.ID: record.pk,
        s.CLASS: record.record_class_id,
        s.LEVEL: record.level,
        s.YEAR: record.year,
        s.DEPARTMENT: record.department_id or 0,
        s.OWNER: record.owner_id or 0,
        s.PENDING: int(is_pending(record)),
        s.BY_DATE: date_place(record),
        s.BY_RECEIVED: received_place(record),
    }
    for name, value in numbers.items():
        entry.add_integer(name, value)
    for department in {0, record.department_id or 0}:
        entry.add_integer(s.AREA, s.area(record.record_class_id, record.level, department))
    if record.patient_number:
        entry.add_text(s.PATIENT, record.patient_number)
    entry.add_text(s.RETENTION, record.retention)
    entry.add_text(s.STATE, record.state)
    entry.add_text(s.BY_CODE, code_place(record))
    for role in sorted({document.role for document in documents_of(record)}):
        entry.add_text(s.ROLE, role)
    for fact in dict.fromkeys(facts_of(record)):
        entry.add_text(s.FACT, fact)
