"""After a crash: reservations whose process died are given back, and files that nothing waits for any more are removed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yidang import audit
from yidang.catalogue import numbers
from yidang.catalogue.models import ArchivalCode
from yidang.common.actor import Actor
from yidang.intake import staging
from yidang.intake.models import Submission
from yidang.jobs import machines

# A folder is looked at after a day, so that nothing under way is ever touched.
PATIENCE = timedelta(days=1)
# What a sender replaced may still be compared with for a month.
REPLACED = timedelta(days=30)
DONE = {Submission.RECEIVED, Submission.ARCHIVED, Submission.RELEASED, Submission.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many reservations were given back, and how many folders removed."""

    released: int
    cleared: int


def finish_reserved(*, actor: Actor, now: datetime) -> Recovered:
    """Give back what filings reserved whose process died, and remove staged files that nothing waits for.

    Nobody was told «received» for these, so whoever sent them asks again under the same id; bytes that reached the
    vault already are removed by its sweep, which asks the rows first.
    """
    dead = [row for row in Submission.objects.filter(state=Submission.RESERVED) if is_dead(row, now)]
    released = sum(release_dead(row, actor=actor, now=now) for row in dead)
    return Recovered(released, _clear_folders(now))


def is_dead(submission: Submission, now: datetime) -> bool:
    """Whether nobody files a reserved submission any more: its process here died, or its machine fell silent."""
    if submission.reserved_on in {"", settings.MACHINE}:
        return not staging.is_held(submission.public_id)
    # A machine that came back has forgotten what it held, and looks for itself; the time limit is for the rest.
    over = submission.reserved_until is not None and submission.reserved_until < now
    return over or machines.is_silent(submission.reserved_on, now)


def release_dead(submission: Submission, *, actor: Actor, now: datetime) -> bool:
    """Give back one reservation whose process died; False if somebody was first."""
    with transaction.atomic():
        moved = Submission.objects.filter(pk=submission.pk, state=Submission.RESERVED).update(
            state=Submission.RELEASED, reserved_until=None, changed_at=now
        )
        if not moved:
            return False
        # Only a code that no record took: the fonds stands in the code's own row.
        unbound = ArchivalCode.objects.filter(code=submission.code, state=ArchivalCode.PROVISIONAL, record_id=None)
        for row in unbound if submission.code else ():
            numbers.release_code(row.code, fonds_id=row.fonds_id, without_gaps=True)
        audit.write(
            "intake.filing.released", actor=actor, target_kind="submission", target=submission.public_id, now=now,
            facts={"accession_number": submission.accession_number, "code": submission.code},
        )  # fmt: skip
    staging.clear(staging.folder_of(submission.public_id))
    return True


def _clear_folders(now: datetime) -> int:
    old = {public_id: path for public_id, path in _folders() if _changed(path) <= now - PATIENCE}
    rows = Submission.objects.filter(public_id__in=old).values_list("public_id", "state", "changed_at")
    waiting = {
        public_id
        for public_id, state, changed_at in rows
        if state not in DONE and not (state == Submission.SUPERSEDED and changed_at <= now - REPLACED)
    }
    gone = [path for public_id, path in old.items() if public_id not in waiting and not staging.is_held(public_id)]
    for path in gone:
        staging.clear_everywhere(path)
    return len(gone)


def _folders() -> list[tuple[UUID, Path]]:
    found = []
    root = Path(settings.DATA) / "quarantine" / "submissions"
    for path in root.iterdir() if root.is_dir() else ():
        try:
            found.append((UUID(path.name), path))
        except ValueError:
            continue  # not ours: whoever put it there removes it
    return found


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)  # its filing ended meanwhile
