"""The one writer of the index, the build beside it, and what can be said about both."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy
from django.db import DatabaseError, close_old_connections

from yidang.catalogue.models import RecordChange
from yidang.common import clock
from yidang.search import building, folders, pagetext
from yidang.search.follower import BATCH, Follower
from yidang.search.schema import SIZE, open_index

logger = logging.getLogger(__name__)

PAUSE = 0.15  # seconds between looks at the feed: a change is committed well within a second


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the index is behind: changes, and seconds since the oldest of them."""

    changes: int
    seconds: float


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
    if folder is not None and folders.of_this_version(folder) and _opens(folder):
        folders.remove_older(folder)
        return folder
    with folders.held("build"):
        made = folders.fresh()
        building.build(made)  # from the records and not from the feed, which may have been trimmed
        folders.make_current(made)
    return made


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
    """Until asked to stop, or until a build beside it has become current."""
    while not stop.is_set() and folders.current() == follower.folder:
        close_old_connections()
        if not follower.follow():
            stop.wait(PAUSE)


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
    waiting = RecordChange.objects.filter(seq__gt=seq)
    oldest = waiting.order_by("seq").values_list("at", flat=True).first()
    if oldest is None:
        return Lag(0, 0.0)
    return Lag(waiting.count(), max(0.0, (clock.now() - oldest).total_seconds()))


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
