"""A submission as it is handed over: read, its form checked, every fault gathered before anything is refused."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yidang.common.dates import parse_civil_date
from yidang.common.errors import InvalidInput

SECURITY = {"public": 0, "internal": 1, "sensitive": 2, "restricted": 3}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RETENTION = re.compile(r"Y|D[1-9]\d{0,2}")


class MalformedSubmission(InvalidInput):
    """The submission's own form is wrong; ``faults`` lists each field with its reason and remedy."""

    code = "malformed_submission"

    def __init__(self, faults: list[dict[str, str]]) -> None:
        first = faults[0]
        super().__init__(first["detail"], field=first["field"], remedy=first["remedy"], faults=faults)


@dataclass(frozen=True)
class DocumentPart:
    """One file that the submission speaks of: under which name it comes, its role, its declared digest."""

    file: str
    role: str = "正本"
    sha256: str = ""


@dataclass(frozen=True)
class Envelope:
    """A well-formed submission; what it leaves out is proposed later."""

    source_system: str
    source_id: str
    title: str
    documents: tuple[DocumentPart, ...]
    record_class: str = ""
    document_number: str = ""
    creator: str = ""
    department: str = ""
    date: str = ""
    retention: str = ""
    security: str = ""
    parties: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    description: str = ""
    patient_number: str = ""
    owner: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    workflow: tuple[Mapping[str, Any], ...] = ()

    def as_payload(self) -> dict[str, Any]:
        """The submission again, in the form of the contract."""
        return {
            "source_system": self.source_system,
            "source_id": self.source_id,
            "class": self.record_class,
            "title": self.title,
            "document_number": self.document_number,
            "creator": self.creator,
            "department": self.department,
            "date": self.date,
            "retention": self.retention,
            "security": self.security,
            "parties": list(self.parties),
            "keywords": list(self.keywords),
            "description": self.description,
            "patient_number": self.patient_number,
            "owner": self.owner,
            "metadata": dict(self.metadata),
            "workflow": [dict(step) for step in self.workflow],
            "documents": [{"file": part.file, "role": part.role, "sha256": part.sha256} for part in self.documents],
        }

    def content_key(self, digests: list[str]) -> str:
        """A digest over what is said and what is handed over: the same key is the same filing.

        :param digests: the SHA-256 of each document as received, in order
        """
        payload = self.as_payload()
        payload["documents"] = [
            {"file": part.file, "role": part.role, "sha256": digest}
            for part, digest in zip(self.documents, digests, strict=True)
        ]
        text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Reader:
    """Reads fields one by one and gathers what is wrong."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.faults: list[dict[str, str]] = []

    def fault(self, field_name: str, detail: str, remedy: str) -> None:
        self.faults.append({"field": field_name, "detail": detail, "remedy": remedy})

    def text(self, name: str, most: int, *, required: bool = False) -> str:
        value = self.data.get(name)
        if value is None or value == "":
            if required:
                self.fault(
                    name, _("The field «%(field)s» is missing.") % {"field": name}, _("Fill it in and send again.")
                )
            return ""
        if not isinstance(value, str):
            self.fault(name, _("The field «%(field)s» must be text.") % {"field": name}, _("Send it as a JSON string."))
            return ""
        return self._clean(name, value, most, required)

    def _clean(self, name: str, value: str, most: int, required: bool) -> str:
        cleaned = clean_text(value)
        if required and not cleaned:
            self.fault(
                name, _("The field «%(field)s» holds only blanks.") % {"field": name}, _("Fill it in and send again.")
            )
        if len(cleaned) > most:
            self.fault(
                name,
                _("The field «%(field)s» has %(length)d characters; %(most)d are possible.")
                % {"field": name, "length": len(cleaned), "most": most},
                _("Shorten it; put the rest into the description."),
            )
        return cleaned

    def texts(self, name: str, most: int = 200) -> tuple[str, ...]:
        value = self.data.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value) or len(value) > most:
            self.fault(
                name, _("The field «%(field)s» must be a list of texts.") % {"field": name}, _('Send it as ["…", "…"].')
            )
            return ()
        return tuple(cleaned[:200] for part in value if (cleaned := clean_text(part)))


def clean_text(value: str) -> str:
    """Text without control characters that no form and no XML can hold; everything else stays as it came."""
    kept = "".join(
        char
        for char in value
        if char in "\n\t" or not (unicodedata.category(char) in {"Cc", "Cs"} or ord(char) in {0xFFFE, 0xFFFF})
    )
    return kept.strip()


def read_envelope(data: Any) -> Envelope:
    """Read a submission in the form of the contract.

    :raises MalformedSubmission: with every fault that was found, not only the first
    """
    if not isinstance(data, dict):
        raise MalformedSubmission(
            [
                {
                    "field": "submission",
                    "detail": _("The submission is not a JSON object."),
                    "remedy": _('Send {"source_system": …, "source_id": …, "title": …, "documents": […]}.'),
                }
            ]
        )
    reader = _Reader(data)
    envelope = Envelope(
        source_system=reader.text("source_system", 60, required=True),
        source_id=reader.text("source_id", 200, required=True),
        title=reader.text("title", 1000, required=True),
        documents=_documents(reader),
        record_class=reader.text("class", 80),
        document_number=reader.text("document_number", 120),
        creator=reader.text("creator", 300),
        department=reader.text("department", 20),
        date=_date(reader),
        retention=_retention(reader),
        security=_security(reader),
        parties=reader.texts("parties"),
        keywords=reader.texts("keywords"),
        description=reader.text("description", 20000),
        patient_number=reader.text("patient_number", 40),
        owner=reader.text("owner", 60),
        metadata=_metadata(reader),
        workflow=_workflow(reader),
    )
    if reader.faults:
        raise MalformedSubmission(reader.faults)
    return envelope


def _date(reader: _Reader) -> str:
    text = reader.text("date", 40)
    if not text:
        return ""
    try:
        return parse_civil_date(text).text
    except InvalidInput as error:
        reader.fault("date", str(error), str(error.remedy))
        return ""


def _retention(reader: _Reader) -> str:
    text = reader.text("retention", 20)
    if text and not _RETENTION.fullmatch(text):
        reader.fault(
            "retention",
            _("«%(value)s» is not a retention period.") % {"value": text},
            _("Use Y for permanent, or D with years: D30, D10."),
        )
    return text


def _security(reader: _Reader) -> str:
    text = reader.text("security", 20)
    if text and text not in SECURITY:
        reader.fault(
            "security",
            _("«%(value)s» is not a security level.") % {"value": text},
            _("Use public, internal, sensitive or restricted."),
        )
    return text


def _metadata(reader: _Reader) -> Mapping[str, Any]:
    value = reader.data.get("metadata") or {}
    if not isinstance(value, dict):
        reader.fault(
            "metadata", _("The field «%(field)s» must be an object.") % {"field": "metadata"}, _("Send it as {…}.")
        )
        return {}
    return value


def _workflow(reader: _Reader) -> tuple[Mapping[str, Any], ...]:
    value = reader.data.get("workflow") or []
    if not isinstance(value, list) or not all(isinstance(step, dict) for step in value) or len(value) > 500:
        reader.fault(
            "workflow",
            _("The field «%(field)s» must be a list of steps.") % {"field": "workflow"},
            _('Send each step as {"step", "who", "at", "opinion"}.'),
        )
        return ()
    return tuple(value)


def _documents(reader: _Reader) -> tuple[DocumentPart, ...]:
    value = reader.data.get("documents")
    if not isinstance(value, list) or not value:
        reader.fault(
            "documents", _("The submission names no document."), _("List at least one document with its file name.")
        )
        return ()
    parts = []
    for number, item in enumerate(value):
        place = f"documents[{number}]"
        if not isinstance(item, dict) or not isinstance(item.get("file"), str) or not item["file"].strip():
            reader.fault(
                f"{place}.file",
                _("Document %(number)d has no file name.") % {"number": number + 1},
                _("Give «file», the name under which the file is sent."),
            )
            continue
        sha256 = str(item.get("sha256") or "").lower()
        if sha256 and not _SHA256.fullmatch(sha256):
            reader.fault(
                f"{place}.sha256",
                _("The declared digest of document %(number)d is not a SHA-256.") % {"number": number + 1},
                _("Send 64 hexadecimal digits, or leave it out."),
            )
        role = item.get("role") or ("正本" if number == 0 else "附件")
        if not isinstance(role, str) or len(role) > 30:
            reader.fault(
                f"{place}.role",
                _("The role of document %(number)d is not a short text.") % {"number": number + 1},
                _("Use one such as 正本, 附件 or 处理单."),
            )
            role = "附件"
        parts.append(DocumentPart(item["file"], clean_text(role), sha256))
    names = [part.file for part in parts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        reader.fault(
            "documents",
            _("The file name «%(name)s» occurs twice.") % {"name": name[:80]},
            _("Give each document a name of its own."),
        )
    return tuple(parts)
