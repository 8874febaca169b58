"""The one door: reserve, move the bytes, keep. Two transactions, and the writers' lock is never held while bytes move."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yidang import audit, jobs, vault
from yidang.catalogue import actions as catalogue
from yidang.catalogue import codes, package
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.common.ids import new_public_id
from yidang.intake import describing, door, findings, receipts, staging
from yidang.intake.envelope import Envelope
from yidang.intake.errors import BeingFiled, ChecksFailed, ConflictingFiling, MayNotFile
from yidang.intake.group import Group
from yidang.intake.models import Finding, Receipt, SecrecyRefusal, Submission, SubmittedDocument
from yidang.intake.staging import StagedFile

log = logging.getLogger(__name__)

# Longer than any filing takes to move its bytes; after it, a restart or a repeat may finish or release the reservation.
RESERVED_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """What became of a filing: its submission and receipt, and whether it had been filed before."""

    submission: Submission
    receipt: Receipt
    repeated: bool = False


@dataclass
class Filing:
    """A filing under way: what came, what the door said, and what is worked out step by step."""

    public_id: UUID
    envelope: Envelope
    files: Sequence[StagedFile]
    actor: Actor
    channel: str
    now: datetime
    report: door.DoorReport = field(default_factory=lambda: door.DoorReport([], []))
    submission: Submission | None = None
    draft: Any = None
    kept: Any = None

    @property
    def content_key(self) -> str:
        """Tells a repeat from a conflict."""
        return self.envelope.content_key([file.digests.sha256 for file in self.files])


def may_file(actor: Actor) -> bool:
    """Whether this actor may hand something over at all."""
    administrators = ("system_admin", "security_admin", "audit_admin")
    return actor.is_signed_in and actor.may_use("filing") and not actor.has_duty(*administrators)


def receive(
    envelope: Envelope,
    *,
    stage: Callable[[UUID], Iterable[StagedFile]],
    actor: Actor,
    channel: str,
    now: datetime,
) -> Outcome:
    """Take a submission in and keep it on every required site before answering.

    :param stage: writes the documents into the quarantine folder of the submission's id, in the envelope's order
    :param channel: web, api, button, batch or command
    :raises MayNotFile: the actor hands nothing over
    :raises ConflictingFiling: the same source id was filed before with other content
    :raises BeingFiled: the same submission is under way
    :raises StateSecretRefused: a mark of state secrecy; nothing is left behind
    :raises ChecksFailed: the submission waits in quarantine with its findings
    :raises InvalidInput, Unavailable: see their sentences; nothing was kept
    """
    if not may_file(actor):
        raise MayNotFile()
    public_id = new_public_id()
    folder = staging.folder_of(public_id)
    try:
        files = list(stage(public_id))
        filing = Filing(public_id, envelope, files, actor, channel, now)
        earlier = _earlier(filing)
        if earlier is not None:
            return earlier
        filing.report = _look(filing)
        if filing.report.failed:
            quarantine(filing)  # keeps the folder, raises ChecksFailed
        return _keep(filing)
    except ChecksFailed:
        raise
    except BaseException:
        staging.clear(folder)
        raise


def _earlier(filing: Filing) -> Outcome | None:
    """What the same source id was answered before, if it was."""
    found = (
        Submission.objects.filter(source_system=filing.envelope.source_system, source_id=filing.envelope.source_id)
        .select_related("receipt")
        .first()
    )
    if found is None or found.state in {Submission.QUARANTINED, Submission.RETURNED, Submission.WITHDRAWN}:
        return None
    if found.state == Submission.RESERVED:
        if found.reserved_until is not None and found.reserved_until > filing.now:
            raise BeingFiled()
        return None
    if found.content_key != filing.content_key:
        raise ConflictingFiling(filing.envelope.source_id)
    staging.clear(staging.folder_of(filing.public_id))
    return Outcome(found, found.receipt, repeated=True)


def _look(filing: Filing) -> door.DoorReport:
    """The checks at the door; a state secret is told to the secrecy officer without a word of its content."""
    try:
        report = door.look(filing.envelope, filing.files)
        filing.draft, described = describing.describe(filing.envelope, filing.files, report, actor=filing.actor, now=filing.now)
        report.findings.extend(described)
        return report
    except door.StateSecretRefused as refusal:
        staging.clear(staging.folder_of(filing.public_id))
        with transaction.atomic():
            SecrecyRefusal.objects.create(
                at=filing.now, submitter=filing.actor.username, address=filing.actor.address,
                source_system=filing.envelope.source_system, mark=refusal.details["mark"],
            )  # fmt: skip
            audit.write(
                "intake.filing.refused", actor=filing.actor, outcome="refused", now=filing.now,
                facts={"reason": refusal.code, "mark": refusal.details["mark"], "channel": filing.channel},
            )  # fmt: skip
        raise


def quarantine(filing: Filing) -> None:
    """Let a submission whose checks failed wait with its reasons: flushed first, then said.

    :raises ChecksFailed: always, once the submission waits safely
    """
    staging.make_durable(staging.folder_of(filing.public_id))
    with transaction.atomic():
        _clear_the_way(filing)
        submission = _new_submission(filing, Submission.QUARANTINED)
        submission.save(force_insert=True)
        _save_details(filing, submission)
        audit.write(
            "intake.filing.quarantined", actor=filing.actor, target_kind="submission", target=submission.public_id,
            outcome="refused", now=filing.now,
            facts={"channel": filing.channel, "findings": [finding.code for finding in filing.report.failed]},
        )  # fmt: skip
    raise ChecksFailed(filing.public_id, [findings.as_json(finding, filing.files) for finding in filing.report.failed])


def _keep(filing: Filing) -> Outcome:
    """Reserve, move the bytes, keep."""
    reserving.do(filing)
    try:
        filing.kept = moving.do(filing)
        outcome = keeping.do(filing)
    except BaseException:
        _release(filing)
        raise
    staging.clear(staging.folder_of(filing.public_id))
    return outcome


def _new_submission(filing: Filing, state: str) -> Submission:
    envelope = filing.envelope
    return Submission(
        public_id=filing.public_id,
        source_system=envelope.source_system,
        source_id=envelope.source_id,
        content_key=filing.content_key,
        channel=filing.channel,
        state=state,
        title=envelope.title,
        payload=envelope.as_payload(),
        proposed=filing.draft.proposed if filing.draft is not None else {},
        submitted_by_id=filing.actor.user_id,
        submitter=filing.actor.username,
        department_id=filing.draft.department_id if filing.draft is not None else filing.actor.department_id,
        submitted_at=filing.now,
        changed_at=filing.now,
    )


def _save_details(filing: Filing, submission: Submission) -> None:
    SubmittedDocument.objects.bulk_create(
        SubmittedDocument(
            submission=submission, number=file.number, name=file.name, role=part.role, size=file.digests.size,
            sha256=file.digests.sha256, sha512=file.digests.sha512, sm3=file.digests.sm3,
            format=facts.format, mime=facts.mime, pages=facts.pages,
        )
        for part, file, facts in zip(filing.envelope.documents, filing.files, filing.report.facts, strict=True)
    )  # fmt: skip
    Finding.objects.bulk_create(
        Finding(
            submission=submission, document=found.document, check_code=found.check_code, property=found.property,
            level=found.level, code=found.code, params=dict(found.params), at=filing.now,
        )
        for found in filing.report.findings
    )  # fmt: skip
