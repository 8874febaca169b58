"""Hands everything over through the door of intake, several at once, and lets the archivists do their part."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.db import connection

from yidang.common import clock
from yidang.demo.classes import CLASSES
from yidang.demo.handover import ARCHIVED, QUARANTINED, RECEIVED, REFUSED, RETURNED, DemoFile, Handover
from yidang.demo.staffing import Staff
from yidang.intake import staging
from yidang.intake.actions import accept, receive, return_to_sender
from yidang.intake.door import StateSecretRefused
from yidang.intake.envelope import read_envelope
from yidang.intake.errors import ChecksFailed
from yidang.intake.staging import StagedFile

THREADS = 12
# From which way in each system's papers come.
_CHANNELS = {"oa": "button", "web": "web"}


def envelope_of(handover: Handover, source_id: str) -> dict[str, Any]:
    """The submission in the form of the contract."""
    said = {
        "source_system": handover.source, "source_id": source_id, "class": CLASSES[handover.kind], "title": handover.title,
        "document_number": handover.number, "creator": handover.creator, "department": handover.department,
        "date": handover.day.isoformat() if handover.day else "", "retention": handover.retention, "security": handover.security,
        "parties": list(handover.parties), "keywords": list(handover.keywords), "description": handover.description,
        "patient_number": handover.patient, "owner": handover.owner, "metadata": handover.metadata, "workflow": list(handover.workflow),
        "documents": [{"file": file.name, "role": file.role, "sha256": file.declared} for file in handover.files],
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def hand_over(handover: Handover, source_id: str, staff: Staff) -> str:
    """File one submission and do with it what is to become of it.

    :returns: what became of it
    """
    sender = staff.actor(handover.sender)
    envelope = read_envelope(envelope_of(handover, source_id))
    try:
        outcome = receive(
            envelope,
            stage=_stager(handover.files),
            actor=sender,
            channel=_CHANNELS.get(handover.source, "api"),
            now=clock.now(),
        )
    except ChecksFailed:
        return QUARANTINED
    except StateSecretRefused:
        return REFUSED
    # Nobody sees their own personnel file, not even to accept it.
    archivist = staff.actor("tangyn" if handover.owner == "lin" else "lin")
    if handover.fate == ARCHIVED:
        accept(outcome.submission, actor=archivist, now=clock.now())
    elif handover.fate == RETURNED:
        return_to_sender(outcome.submission, actor=archivist, reason=handover.reason, now=clock.now())
    return handover.fate if handover.fate in {ARCHIVED, RETURNED} else RECEIVED


def _stager(files: Sequence[DemoFile]) -> Callable[[UUID], Iterator[StagedFile]]:
    def stage(public_id: UUID) -> Iterator[StagedFile]:
        for number, file in enumerate(files, 1):
            yield staging.stage(staging.folder_of(public_id), number, file.name, [file.read()])

    return stage


def hand_all_over(
    makers: Iterator[tuple[str, Callable[[], Handover]]], staff: Staff, *, report: Callable[[int], None] | None = None
) -> Counter[tuple[str, str]]:
    """Make and file many submissions with a few threads, so that they are kept in groups.

    :param makers: pairs of a source id and what makes the submission
    :returns: how many of each class became what
    """
    counted: Counter[tuple[str, str]] = Counter()
    waiting: deque[Future[tuple[str, str]]] = deque()
    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for source_id, make in makers:
            waiting.append(pool.submit(_one, source_id, make, staff))
            if len(waiting) >= 4 * THREADS:
                counted[waiting.popleft().result()] += 1
                done += 1
                if report and done % 50 == 0:
                    report(done)
        while waiting:
            counted[waiting.popleft().result()] += 1
    return counted


def _one(source_id: str, make: Callable[[], Handover], staff: Staff) -> tuple[str, str]:
    try:
        handover = make()
        return CLASSES[handover.kind], hand_over(handover, source_id, staff)
    finally:
        # Each thread has a connection of its own; an idle one holds no lock, but the pool ends soon.
        connection.close()
