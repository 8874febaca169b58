"""The one writer of the index, the build beside it, and what can be said about both."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Max

from yidang.catalogue.models import Record, RecordChange
from yidang.common import clock
from yidang.search import copies, pagetext
from yidang.search.backend import Edition, IndexHeld, Place, backend
from yidang.search.follower import BATCH, SETTLING, Follower

logger = logging.getLogger(__name__)

LOOK = 5.0  # seconds between looks whether the edition is well, and between words about how far it is
TRY_AGAIN = 60.0
Report = Callable[[int, int], None]

PAUSE = 0.15  # seconds between looks at the feed: a change is committed well within a second


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the index is behind: changes, and seconds since the oldest of them.

    :param followed: False where the feed no longer leads on from the index's place, which must then be built anew
    """

    changes: int
    seconds: float
    followed: bool = True


@dataclass(frozen=True, slots=True)
class Status:
    """The index as it stands.

    :param bytes: of the index on disk
    :param text_bytes: of the page texts on disk, compressed
    :param characters: of text in all entries
    :param failed: records that could not be read, with the reason
    """

    records: int
    bytes: int
    text_bytes: int
    characters: int
    lag: Lag
    failed: dict[str, str]
    folder: str

    @property
    def characters_per_record(self) -> float:
        """The mean."""
        return self.characters / self.records if self.records else 0.0


@contextmanager
def writing() -> Iterator[Follower]:
    """Be the one writer of the current edition, made if there is none.

    :raises IndexHeld: another process is
    """
    with backend().held("writer"):
        edition = _current_or_new()
        follower = Follower(edition, edition.writer())
        try:
            yield follower
        finally:
            follower.close()


def _current_or_new() -> Edition:
    engine = backend()
    edition = engine.current()
    if edition is not None and _is_well(edition):
        engine.tidy()
        return edition
    with engine.held("build"):
        made = engine.fresh()
        _build(made, _joining())  # from the records and not from the feed, which may have been trimmed
        engine.switch(made)
    return made


def _build(edition: Edition, report: Report | None) -> None:
    """Fill a fresh edition with every record, then follow what changed meanwhile."""
    begun = _settled()
    total = Record.objects.exclude(state=Record.WITHDRAWN).count()
    failed = edition.fill((lambda done: report(done, total)) if report else None)
    follower = Follower(edition, edition.writer())
    try:
        follower.commit(Place(begun, 1, failed))
        while follower.follow():
            pass
    finally:
        follower.close()


def _settled() -> int:
    """The place in the feed from which to follow: all changes up to it can be seen by whoever reads records now."""
    changes = RecordChange.objects.all()
    if connection.vendor == "postgresql":
        changes = changes.filter(at__lte=clock.now() - SETTLING)
    return changes.aggregate(last=Max("seq"))["last"] or 0


def _joining() -> Report:
    """Says every few seconds how far this machine is that joins, or builds its copy anew."""
    last = 0.0

    def report(done: int, _total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LOOK:
            last = time.monotonic()
            copies.tell(seq=0, records=0, failed=0, built=done, now=clock.now())

    return report


def _is_well(edition: Edition) -> bool:
    """Whether an edition can be read and the feed still leads on from its place."""
    if not edition.is_readable():
        logger.error("search index %s cannot be read and is built anew", edition.name)
        return False
    place = edition.place()
    if not lag_behind(place.seq).followed:
        logger.error("the feed no longer leads on from %s, and search index %s is built anew", place.seq, edition.name)
        return False
    return True


def index_once(limit: int = BATCH) -> int:
    """Follow the feed to its end in steps of ``limit``; returns how many changes were taken over.

    :raises IndexHeld: the worker is doing it
    """
    with writing() as follower:
        total = 0
        while done := follower.follow(limit):
            total += done
        return total


def run_indexer(stop: threading.Event) -> None:
    """Follow the feed until asked to stop; waits while another process is the writer, and takes over when it is gone."""
    while not stop.is_set():
        try:
            with writing() as follower:
                _run(follower, stop)
        except IndexHeld:
            stop.wait(1)
        except (DatabaseError, OSError, ValueError):
            logger.exception("the indexer starts again")
            close_old_connections()
            stop.wait(1)
    close_old_connections()


def _run(follower: Follower, stop: threading.Event) -> None:
    """Until asked to stop, until a build beside it has become current, or until the edition is no longer well."""
    looked = tried = time.monotonic()
    _tell(follower)
    while not stop.is_set() and backend().current() == follower.edition:
        close_old_connections()
        now = time.monotonic()
        if now - looked >= LOOK:
            if not _is_well(follower.edition):
                break
            _tell(follower)
            looked = now
        if now - tried >= TRY_AGAIN:
            follower.try_again()
            tried = now
        if not follower.follow():
            stop.wait(PAUSE)


def _tell(follower: Follower) -> None:
    records = follower.edition.entries()
    copies.tell(seq=follower.place.seq, records=records, failed=len(follower.place.failed), now=clock.now())


def rebuild(report: Report | None = None) -> Status:
    """Build the index from the catalogue and the page texts beside the one in use, then switch at once.

    :param report: called with records done and records in all
    :raises IndexHeld: another build is running
    """
    engine = backend()
    with engine.held("build"):
        edition = engine.fresh()
        _build(edition, report)
        previous = engine.current()
        engine.switch(edition)
        logger.info("search index %s took the place of %s", edition.name, previous.name if previous else "none")
    return status()


def lag() -> Lag:
    """How far the index that is searched is behind the catalogue."""
    edition = backend().current()
    return lag_behind(edition.place().seq if edition else 0)


def lag_behind(seq: int) -> Lag:
    """How far a place in the feed is behind its end."""
    rows = list(RecordChange.objects.filter(seq__gte=seq).order_by("seq").values_list("seq", "at")[:2])
    stands = bool(rows) and rows[0][0] == seq
    waiting = rows[1:] if stands else rows
    # The feed keeps the row at which the slowest copy stands; without it, rows behind it may be gone as well.
    followed = stands or seq == 0
    if not waiting:
        return Lag(0, 0.0, followed)
    changes = RecordChange.objects.filter(seq__gt=seq).count()
    return Lag(changes, max(0.0, (clock.now() - waiting[0][1]).total_seconds()), followed)


def status() -> Status:
    """Entries, bytes, characters, lag and failures."""
    edition = backend().current()
    if edition is None:
        return Status(0, 0, pagetext.disk_use(), 0, lag(), {}, "")
    place = edition.place()
    size, characters = edition.sizes()
    return Status(
        records=edition.entries(),
        bytes=size,
        text_bytes=pagetext.disk_use(),
        characters=characters,
        lag=lag_behind(place.seq),
        failed=place.failed,
        folder=edition.name,
    )
