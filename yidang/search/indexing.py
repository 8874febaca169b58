"""The one writer of the index, the build beside it, and what can be said about both."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy
from django.db import DatabaseError, close_old_connections

from yidang.catalogue.models import RecordChange
from yidang.common import clock
from yidang.search import building, copies, folders, pagetext
from yidang.search.follower import BATCH, Follower
from yidang.search.schema import SIZE, open_index

logger = logging.getLogger(__name__)

LOOK = 5.0  # seconds between looks whether the folder is well, and between words about how far it is
TRY_AGAIN = 60.0
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
    """Be the one writer of the current folder, made if there is none.

    :raises IndexHeld: another process is
    """
    with folders.held("writer"):
        follower = Follower(_current_or_new())
        try:
            yield follower
        finally:
            follower.close()


def _current_or_new() -> Path:
    folder = folders.current()
    if folder is not None and folders.of_this_version(folder) and _is_well(folder):
        folders.remove_older(folder)
        return folder
    with folders.held("build"):
        made = folders.fresh()
        building.build(made, _joining())  # from the records and not from the feed, which may have been trimmed
        folders.make_current(made)
    return made


def _joining() -> building.Report:
    """Says every few seconds how far this machine is that joins, or builds its copy anew."""
    last = 0.0

    def report(done: int, _total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LOOK:
            last = time.monotonic()
            copies.tell(seq=0, records=0, failed=0, built=done, now=clock.now())

    return report


def _is_well(folder: Path) -> bool:
    """Whether a folder can be read and the feed still leads on from its place."""
    if not _opens(folder):
        return False
    place = folders.read_place(folder)
    if not lag_behind(place.seq).followed:
        logger.error("the feed no longer leads on from %s, and search index %s is built anew", place.seq, folder.name)
        return False
    return True


def _opens(folder: Path) -> bool:
    """Whether a folder can be read; a power cut or a bad disk may have taken a file that the index needs."""
    if not (folder / folders.SEGMENTS / "meta.json").is_file():
        return False
    try:
        open_index(folder / folders.SEGMENTS)
    except ValueError as reason:
        logger.error("search index %s cannot be read and is built anew: %s", folder.name, reason)
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
        except folders.IndexHeld:
            stop.wait(1)
        except (DatabaseError, OSError, ValueError):
            logger.exception("the indexer starts again")
            close_old_connections()
            stop.wait(1)
    close_old_connections()


def _run(follower: Follower, stop: threading.Event) -> None:
    """Until asked to stop, until a build beside it has become current, or until the folder is no longer well."""
    looked = tried = time.monotonic()
    _tell(follower)
    while not stop.is_set() and folders.current() == follower.folder:
        close_old_connections()
        now = time.monotonic()
        if now - looked >= LOOK:
            if not _is_well(follower.folder):
                break
            _tell(follower)
            looked = now
        if now - tried >= TRY_AGAIN:
            follower.try_again()
            tried = now
        if not follower.follow():
            stop.wait(PAUSE)


def _tell(follower: Follower) -> None:
    records = open_index(follower.folder / folders.SEGMENTS).searcher().num_docs
    copies.tell(seq=follower.place.seq, records=records, failed=len(follower.place.failed), now=clock.now())


def rebuild(report: building.Report | None = None) -> Status:
    """Build the index from the catalogue and the page texts beside the one in use, then switch at once.

    :param report: called with records done and records in all
    :raises IndexHeld: another build is running
    """
    with folders.held("build"):
        folders.remove_unfinished()
        folder = folders.fresh()
        building.build(folder, report)
        previous = folders.current()
        folders.make_current(folder)
        logger.info("search index %s took the place of %s", folder.name, previous.name if previous else "none")
    return status()


def lag() -> Lag:
    """How far the index that is searched is behind the catalogue."""
    folder = folders.current()
    seq = folders.read_place(folder).seq if folder else 0
    return lag_behind(seq)


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
    folder = folders.current()
    if folder is None:
        return Status(0, 0, pagetext.disk_use(), 0, lag(), {}, "")
    index = open_index(folder / folders.SEGMENTS)
    index.reload()
    searcher = index.searcher()
    total = searcher.aggregate(tantivy.Query.all_query(), {"size": {"sum": {"field": SIZE}}})["size"]["value"]
    place = folders.read_place(folder)
    return Status(
        records=searcher.num_docs,
        bytes=folders.size_on_disk(folder),
        text_bytes=pagetext.disk_use(),
        characters=int(total or 0),
        lag=lag_behind(place.seq),
        failed=place.failed,
        folder=folder.name,
    )
