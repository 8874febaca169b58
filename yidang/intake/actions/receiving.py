"""The one door: stage, recognise a repeat, look, then keep or let wait."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from yidang import audit
from yidang.common import standstill
from yidang.common.actor import Actor
from yidang.common.db.unreachable import DatabaseUnreachable, is_unreachable
from yidang.common.errors import YidangError
from yidang.common.ids import new_public_id
from yidang.intake import describing, door, staging
from yidang.intake.actions.keeping import Filing, Outcome, keep, quarantine
from yidang.intake.actions.recovering import is_dead, release_dead
from yidang.intake.envelope import Envelope, read_envelope
from yidang.intake.errors import BatchTooLong, BeingFiled, ChecksFailed, ConflictingFiling, MayNotFile
from yidang.intake.group import Group
from yidang.intake.models import SecrecyRefusal, Submission
from yidang.intake.references import References
from yidang.intake.staging import StagedFile
from yidang.intake.uploads import BatchMember

# More would only wait for each other at the disk and the interpreter.
BATCH_THREADS = 16
# Bytes of a filing whose files are opened together with those of others.
OPENED_TOGETHER = 2 << 20


def may_file(actor: Actor) -> bool:
    """Whether this actor may hand something over at all."""
    return actor.is_signed_in and actor.may_use("filing") and not actor.is_administrator


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
    :raises StandsStill, HasMoved: the archive is on its way to another installation
    :raises InvalidInput, Unavailable: see their sentences; nothing was kept
    """
    if not may_file(actor):
        raise MayNotFile()
    standstill.require_takes_new()
    public_id = new_public_id()
    folder = staging.folder_of(public_id)
    try:
        files = list(stage(public_id))
        content_key = envelope.content_key([file.digests.sha256 for file in files])
        filing = Filing(public_id, envelope, files, actor, channel, now, content_key)
        earlier = _earlier(filing)
        if earlier is not None:
            return earlier
        filing.report = _look(filing)
        if filing.report.failed:
            quarantine(filing)  # keeps the folder, raises ChecksFailed
        with staging.held(public_id):
            outcome = keep(filing)
        staging.clear(folder)
        return outcome
    except ChecksFailed:
        raise
    except (OSError, OperationalError) as error:
        staging.clear(folder)
        raise DatabaseUnreachable() if is_unreachable(error) else staging.disk_trouble(error) from error
    except BaseException:
        staging.clear(folder)
        raise


def _earlier(filing: Filing) -> Outcome | None:
    """What the same source id was answered before, if it was.

    :raises ConflictingFiling: the same id was filed with other content
    :raises BeingFiled: a living process is filing it
    """
    envelope = filing.envelope
    found = (
        Submission.objects.filter(
            source_system=envelope.source_system, source_id=envelope.source_id, state__in=Submission.CURRENT
        )
        .select_related("receipt")
        .first()
    )
    filing.earlier = found
    if found is None or found.state == Submission.QUARANTINED:
        return None
    if found.state == Submission.RESERVED:
        if not is_dead(found, filing.now):
            raise BeingFiled()
        release_dead(found, actor=Actor.system("recovery"), now=filing.now)
        return None
    if found.content_key != filing.content_key:
        raise ConflictingFiling(envelope.source_id)
    staging.clear(staging.folder_of(filing.public_id))
    return Outcome(found, found.receipt, repeated=True)


def _open(filing: Filing) -> tuple[door.Opened, References]:
    """Small files are opened together with those of whoever else files now; a large one makes nobody wait."""
    if sum(file.digests.size for file in filing.files) > OPENED_TOGETHER:
        return _open_together([filing])[0]
    return _opening.do(filing)


def _open_together(filings: Sequence[Filing]) -> list[tuple[door.Opened, References]]:
    references = References()
    return [(opened, references) for opened in door.open_together([filing.files for filing in filings])]


_opening: Group[Filing, tuple[door.Opened, References]] = Group(_open_together, most=16)


def _look(filing: Filing) -> door.DoorReport:
    """The checks at the door; a state secret is told to the secrecy officer without a word of its content."""
    try:
        opened, references = _open(filing)
        report = door.judge(filing.envelope, filing.files, opened)
        filing.draft, described = describing.describe(
            filing.envelope, filing.files, report, references=references, actor=filing.actor, now=filing.now
        )
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


def receive_batch(
    members: Iterable[BatchMember], *, actor: Actor, now: datetime, most: int
) -> Iterator[Outcome | YidangError]:
    """Take many submissions in, a few at once so that they are kept in groups; one failure does not stop the rest.

    :param most: further members are refused one by one with a sentence
    """
    mine: list[BaseDatabaseWrapper] = []
    with _closing(mine), ThreadPoolExecutor(max_workers=BATCH_THREADS, initializer=_remember(mine)) as pool:
        waiting: deque[Future[Outcome | YidangError]] = deque()
        for number, member in enumerate(_up_to_a_break(members)):
            waiting.append(
                pool.submit(_receive_member, member, actor=actor, now=now, refused=number >= most, most=most)
            )
            if len(waiting) >= 2 * BATCH_THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _remember(opened: list[BaseDatabaseWrapper]) -> Callable[[], None]:
    """What a thread of the pool does first: note its own database connection, so that it ends with the pool."""

    def remember() -> None:
        own = connections[DEFAULT_DB_ALIAS]
        own.inc_thread_sharing()
        opened.append(own)

    return remember


@contextmanager
def _closing(opened: list[BaseDatabaseWrapper]) -> Iterator[None]:
    """Close the connections of threads that have ended."""
    try:
        yield
    finally:
        for own in opened:
            own.close()


def _up_to_a_break(members: Iterable[BatchMember]) -> Iterator[BatchMember | YidangError]:
    """The members, and last what made the rest unreadable: what came before it is answered all the same.

    :raises YidangError: not even the first could be read
    """
    any_read = False
    try:
        for member in members:
            any_read = True
            yield member
    except YidangError as error:
        if not any_read:
            raise
        yield error


def _receive_member(
    member: BatchMember | YidangError, *, actor: Actor, now: datetime, refused: bool, most: int
) -> Outcome | YidangError:
    try:
        if isinstance(member, YidangError):
            raise member
        if refused:
            raise BatchTooLong(most)
        envelope = read_envelope(member.data)
        return receive(envelope, stage=member.stage(envelope.documents), actor=actor, channel="batch", now=now)
    except YidangError as error:
        return error
