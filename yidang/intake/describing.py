"""From a submission to a record's draft: what was said is checked, what was left out is proposed and marked as proposed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from yidang.catalogue import proposals, schemes
from yidang.catalogue.drafts import DocumentDraft, RecordDraft
from yidang.catalogue.models import RecordClass, RetentionRule
from yidang.common.actor import Actor
from yidang.common.dates import parse_civil_date
from yidang.common.ids import new_public_id
from yidang.formats import propose
from yidang.intake.door import FAIL, INTEGRITY, DoorFinding, DoorReport
from yidang.intake.envelope import SECURITY, Envelope
from yidang.intake.errors import NoSuchOwner
from yidang.intake.names import safe_ending
from yidang.intake.references import References
from yidang.intake.staging import StagedFile
from yidang.people.models import Department, User


def describe(
    envelope: Envelope,
    files: Sequence[StagedFile],
    report: DoorReport,
    *,
    references: References,
    actor: Actor,
    now: datetime,
) -> tuple[RecordDraft, list[DoorFinding]]:
    """The draft of a record, and the findings about its description.

    :raises NoSuchClass, NoSuchDepartment, NoSuchOwner: what was named does not exist
    """
    proposed: dict[str, str] = {}
    suggestions = propose.propose(files[0].name, report.facts[0].text if report.facts else "")
    department = _department(envelope, actor, references, proposed)
    record_class = _class(envelope, report.text, department, references, proposed)
    rule = references.retention_rule(record_class, title=envelope.title)
    retention = _retention(envelope, record_class, rule, proposed)
    date = _suggested(envelope.date, "date", suggestions, proposed)
    civil = parse_civil_date(date) if date else None
    owner = _owner(envelope)
    metadata, findings = _metadata(record_class, envelope)
    if envelope.security:
        level = SECURITY[envelope.security]
    else:
        level, proposed["security"] = record_class.default_level, "class"
    draft = RecordDraft(
        public_id=new_public_id(),
        fonds=record_class.fonds,
        record_class=record_class,
        title=envelope.title,
        year=civil.year if civil else localtime(now).year,
        retention=retention,
        level=level,
        received_at=now,
        documents=_documents(envelope, files, report),
        document_number=_suggested(envelope.document_number, "document_number", suggestions, proposed),
        creator=_suggested(envelope.creator, "creator", suggestions, proposed),
        department_id=department.pk if department else None,
        department_key=department.key if department else "",
        date=civil.text if civil else "",
        date_first=civil.first if civil else None,
        date_last=civil.last if civil else None,
        retention_rule=rule if rule is not None and rule.retention == retention else None,
        owner_id=owner.pk if owner else None,
        owner_username=owner.username if owner else "",
        patient_number=envelope.patient_number or str(metadata.get("patient_number") or ""),
        description=envelope.description,
        keywords=envelope.keywords,
        parties=envelope.parties,
        metadata=metadata,
        workflow=envelope.workflow,
        source_system=envelope.source_system,
        source_id=envelope.source_id,
        proposed=proposed,
    )
    return draft, findings


def _suggested(given: str, field: str, suggestions: Any, proposed: dict[str, str]) -> str:
    """What was given, else what the first document suggests; the source is noted."""
    if given or field not in suggestions:
        return given
    suggestion = suggestions[field]
    proposed[field] = suggestion.source
    return str(suggestion.value)


def _department(
    envelope: Envelope, actor: Actor, references: References, proposed: dict[str, str]
) -> Department | None:
    if envelope.department:
        return references.named_department(envelope.department)
    own = references.own_department(actor)
    if actor.department_id is not None:
        proposed["department"] = "submitter"
    return own


def _class(
    envelope: Envelope, text: str, department: Department | None, references: References, proposed: dict[str, str]
) -> RecordClass:
    code = envelope.record_class
    if not code:
        code = proposals.class_code(
            title=envelope.title, text=text, department_key=department.key if department else ""
        )
        proposed["class"] = "title"
    return references.record_class(code)


def _retention(
    envelope: Envelope, record_class: RecordClass, rule: RetentionRule | None, proposed: dict[str, str]
) -> str:
    if envelope.retention:
        return envelope.retention
    proposed["retention"] = f"rule {rule.key}" if rule else "class"
    return rule.retention if rule else record_class.default_retention


def _owner(envelope: Envelope) -> User | None:
    """The person whom a personnel file is about.

    :raises NoSuchOwner: there is no such account
    """
    if not envelope.owner:
        return None
    found = User.objects.filter(username=envelope.owner).first()
    if found is None:
        raise NoSuchOwner(envelope.owner)
    return found


def _metadata(record_class: RecordClass, envelope: Envelope) -> tuple[dict[str, Any], list[DoorFinding]]:
    """The values of the class's scheme, cleaned; each fault is a finding, so that the submission can be mended."""
    cleaned, faults = schemes.check_values(record_class.scheme, envelope.metadata, title=envelope.title)
    findings = [DoorFinding("metadata_invalid", FAIL, INTEGRITY, "GD-2-2", None, dict(fault)) for fault in faults]
    return cleaned, findings


def _documents(envelope: Envelope, files: Sequence[StagedFile], report: DoorReport) -> list[DocumentDraft]:
    return [
        DocumentDraft(
            number=file.number, role=part.role, name=file.name,
            path=f"documents/{file.number:04d}{safe_ending(file.name)}",
            size=file.digests.size, sha256=file.digests.sha256, sha512=file.digests.sha512, sm3=file.digests.sm3,
            format=facts.format, mime=facts.mime, pages=facts.pages,
        )
        for part, file, facts in zip(envelope.documents, files, report.facts, strict=True)
    ]  # fmt: skip
