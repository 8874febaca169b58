"""Reserve, move the bytes, keep. Two transactions, and the writers' lock is never held while bytes move."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.timezone import localtime

from yidang import audit, jobs, vault
from yidang.audit.writer import covered_by
from yidang.catalogue import copies, numbers, package, row_digests
from yidang.catalogue.drafts import RecordDraft
from yidang.catalogue.keeping import keep_records
from yidang.catalogue.models import CopyRule, Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.intake import door, findings, receipts, staging
from yidang.intake.envelope import Envelope
from yidang.intake.errors import BeingFiled, ChecksFailed
from yidang.intake.group import Group
from yidang.intake.models import Finding, Receipt, Submission, SubmittedDocument
from yidang.intake.staging import StagedFile

logger = logging.getLogger(__name__)

# When a reservation should have ended; that it has died is told by its folder, which no process holds any more.
RESERVED_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """What became of a filing: its submission and receipt, whether it had been filed before, its entry in the log."""

    submission: Submission
    receipt: Receipt
    repeated: bool = False
    entry: int = 0


@dataclass
class Filing:
    """A filing under way: what came, what the door said, and what is worked out step by step."""

    public_id: UUID
    envelope: Envelope
    files: Sequence[StagedFile]
    actor: Actor
    channel: str
    now: datetime
    content_key: str
    report: door.DoorReport = field(default_factory=lambda: door.DoorReport([], []))
    draft: RecordDraft | None = None
    earlier: Submission | None = None
    submission: Submission | None = None
    kept: vault.KeptObject | None = None

    @property
    def described(self) -> RecordDraft:
        """The draft, which a filing that is being kept always has."""
        if self.draft is None:
            raise RuntimeError("a filing is described before it is kept")
        return self.draft


def keep(filing: Filing) -> Outcome:
    """Reserve numbers, move the bytes to every required site, make the rows; together with whoever else files now.

    :raises BeingFiled: the same source id is being filed by somebody else at this moment
    """
    _reserving.do(filing)
    try:
        filing.kept = _moving.do(filing)
        outcome = _keeping.do(filing)
    except BaseException:
        try:
            release(filing)
        except (OSError, DatabaseError, YidangError):
            # The first failure is what the sender is told; recovery gives the reservation back later.
            logger.exception("the reservation of %s could not be given back at once", filing.public_id)
        raise
    # The group's first member wrote the entries of all, in its own thread.
    covered_by(outcome.entry)
    return outcome


def _reserve_together(filings: Sequence[Filing]) -> Sequence[None]:
    """Submissions with accession numbers and provisional codes: what a restart needs to finish or release them."""
    try:
        with transaction.atomic():
            for filing in filings:
                clear_the_way(filing)
            drafts = [filing.described for filing in filings]
            numbers.number_accessions(drafts, year=localtime(filings[0].now).year)
            numbers.reserve_codes(drafts)
            save_submissions(filings, Submission.RESERVED)
    except IntegrityError as error:
        if len(filings) == 1:
            raise BeingFiled() from error
        raise
    return [None] * len(filings)


def _move_together(filings: Sequence[Filing]) -> Sequence[vault.KeptObject]:
    rules = copies.rules()
    return vault.keep([_object_of(filing, rules.get(filing.described.record_class.pk)) for filing in filings])


def _object_of(filing: Filing, rule: CopyRule | None) -> vault.NewObject:
    draft = filing.described
    files = [
        vault.NewFile(document.path, staged.path, sha512=document.sha512, sha256=document.sha256)
        for document, staged in zip(draft.documents, filing.files, strict=True)
    ]
    files += [vault.NewFile(name, content) for name, content in package.files_of_draft(draft).items()]
    before = rule.before if rule else None
    return vault.NewObject(draft.public_id, files, "received", filing.actor.username, filing.now, before=before)


def _keep_together(filings: Sequence[Filing]) -> Sequence[Outcome]:
    """Rows, outbox, later work, log entry, receipt: one transaction for all members of the group."""
    kept_at = clock.now()
    with transaction.atomic():
        vault.register([filing.kept for filing in filings if filing.kept is not None], now=kept_at)
        made = keep_records([filing.described for filing in filings], now=kept_at)
        jobs.later_many("digitisation.extract", [{"record_id": record.pk} for record, _documents in made])
        entries = audit.write_many(
            [_event(filing, record) for filing, (record, _) in zip(filings, made, strict=True)], now=kept_at
        )
        outcomes = []
        for filing, (record, documents), entry in zip(filings, made, entries, strict=True):
            submission = _received(filing, record, kept_at)
            sites = list(filing.kept.sites) if filing.kept else []
            receipt = receipts.make_receipt(submission, record, documents, entry=entry, sites=sites, kept_at=kept_at)
            outcomes.append(Outcome(submission, receipt, entry=entry.seq))
        _end_reservations([outcome.submission for outcome in outcomes])
        Receipt.objects.bulk_create(outcome.receipt for outcome in outcomes)
    return outcomes


def _end_reservations(submissions: Sequence[Submission]) -> None:
    """Turn reserved submissions into received ones. One statement for all; Django's own would be built anew for each.

    :raises ReservationLost: somebody gave one up meanwhile, and another filing of the same id may be under way
    """
    moment = connection.ops.adapt_datetimefield_value(submissions[0].changed_at)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE intake_submission SET state = %s, record_id = %s, reserved_until = NULL, changed_at = %s"
            " WHERE id = %s AND state = %s",
            [
                (Submission.RECEIVED, submission.record_id, moment, submission.pk, Submission.RESERVED)
                for submission in submissions
            ],
        )
        if cursor.rowcount != len(submissions):
            raise numbers.ReservationLost()


def _event(filing: Filing, record: Record) -> audit.Event:
    return audit.Event(
        "intake.filing.received",
        filing.actor,
        "record",
        str(record.public_id),
        facts={
            "accession_number": record.accession_number,
            "code": record.code,
            "channel": filing.channel,
            "source_system": record.source_system,
            "source_id": record.source_id,
            "documents": [file.digests.sha256 for file in filing.files],
        },
        row=row_digests.digest_of_draft(filing.described),
    )


def _received(filing: Filing, record: Record, kept_at: datetime) -> Submission:
    submission = filing.submission
    if submission is None:
        raise RuntimeError("a filing is reserved before it is kept")
    submission.state, submission.record, submission.reserved_until = Submission.RECEIVED, record, None
    submission.changed_at = kept_at
    return submission


_reserving: Group[Filing, None] = Group(_reserve_together)
_moving: Group[Filing, vault.KeptObject] = Group(_move_together)
_keeping: Group[Filing, Outcome] = Group(_keep_together)


def release(filing: Filing) -> None:
    """Give a reservation back after a failure before the receipt: the code, the source id, bytes that no row knows."""
    draft, submission = filing.described, filing.submission
    if submission is not None:
        with transaction.atomic():
            moved = Submission.objects.filter(pk=submission.pk, state=Submission.RESERVED).update(
                state=Submission.RELEASED, reserved_until=None, changed_at=clock.now()
            )
            if moved and draft.code:
                numbers.release_code(draft.code, fonds_id=draft.fonds.pk, without_gaps=draft.record_class.without_gaps)
    if filing.kept is not None:
        vault.discard([filing.kept])


def clear_the_way(filing: Filing) -> None:
    """Let a mended submission take the place of the one that failed."""
    earlier = filing.earlier
    if earlier is not None and earlier.state == Submission.QUARANTINED:
        Submission.objects.filter(pk=earlier.pk, state=Submission.QUARANTINED).update(
            state=Submission.SUPERSEDED, changed_at=filing.now
        )


def save_submissions(filings: Sequence[Filing], state: str) -> None:
    """Insert the submissions of a group with their documents and findings."""
    for filing in filings:
        filing.submission = _submission(filing, state)
    made = Submission.objects.bulk_create(filing.submission for filing in filings if filing.submission)
    SubmittedDocument.objects.bulk_create(
        row for filing, submission in zip(filings, made, strict=True) for row in _document_rows(filing, submission)
    )
    Finding.objects.bulk_create(
        Finding(
            submission=submission, document=found.document, check_code=found.check_code, property=found.property,
            level=found.level, code=found.code, params=dict(found.params), at=filing.now,
        )
        for filing, submission in zip(filings, made, strict=True) for found in filing.report.findings
    )  # fmt: skip


def _submission(filing: Filing, state: str) -> Submission:
    envelope, draft = filing.envelope, filing.draft
    return Submission(
        public_id=filing.public_id,
        source_system=envelope.source_system,
        source_id=envelope.source_id,
        content_key=filing.content_key,
        channel=filing.channel,
        state=state,
        title=envelope.title,
        payload=envelope.as_payload(),
        proposed=dict(draft.proposed) if draft else {},
        submitted_by_id=filing.actor.user_id,
        submitter=filing.actor.username,
        department_id=draft.department_id if draft else filing.actor.department_id,
        submitted_at=filing.now,
        accession_number=draft.accession_number if draft else "",
        code=draft.code if draft else "",
        reserved_on=settings.MACHINE if state == Submission.RESERVED else "",
        reserved_until=filing.now + RESERVED_FOR if state == Submission.RESERVED else None,
        changed_at=filing.now,
    )


def _document_rows(filing: Filing, submission: Submission) -> list[SubmittedDocument]:
    return [
        SubmittedDocument(
            submission=submission, number=file.number, name=file.name, role=part.role, size=file.digests.size,
            sha256=file.digests.sha256, sha512=file.digests.sha512, sm3=file.digests.sm3,
            format=facts.format, mime=facts.mime, pages=facts.pages,
        )
        for part, file, facts in zip(filing.envelope.documents, filing.files, filing.report.facts, strict=True)
    ]  # fmt: skip


def quarantine(filing: Filing) -> None:
    """Let a submission whose checks failed wait with its reasons: flushed first, then said.

    :raises ChecksFailed: always, once the submission waits safely
    """
    staging.make_durable(staging.folder_of(filing.public_id))
    failed = filing.report.failed
    try:
        with transaction.atomic():
            clear_the_way(filing)
            save_submissions([filing], Submission.QUARANTINED)
            audit.write(
                "intake.filing.quarantined", actor=filing.actor, target_kind="submission", target=filing.public_id,
                outcome="refused", now=filing.now,
                facts={"channel": filing.channel, "findings": [found.code for found in failed]},
            )  # fmt: skip
    except IntegrityError as error:
        raise BeingFiled() from error
    raise ChecksFailed(filing.public_id, [findings.as_json(found, filing.files) for found in failed])
