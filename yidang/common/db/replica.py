"""A copy of the database that PostgreSQL keeps by streaming: asked for lists and counts while it is near the present.

It never says who may what: grants, duties, sessions and the log are asked of the primary alone, and the rows of a list are read
there once more. Where the copy lags, is silent, or nobody set one up, the primary answers what it would have answered.
"""

import contextvars
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections

T = TypeVar("T")
ALIAS = "replica"
LOOK, AGAIN = 1.0, 5.0  # seconds between looks at a copy that is well, and at one that is not
PATIENCE = 2.0  # seconds after which a question that was not answered is asked of the primary
# How a copy is.
NEAR, LATE, SILENT, NO_COPY = "near", "late", "silent", "no_copy"


class NoCopy(Exception):
    """What answers is no copy: it was made a primary, or the address is the primary's own."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the copy is, and by how many seconds it is behind where it answered."""

    state: str
    seconds: float | None = None


class _Hands:
    """Threads that ask the copy, each with a connection of its own; one that waits for a dead machine holds up nobody."""

    def __init__(self, most: int) -> None:
        self._most, self._made, self._idle = most, 0, 0
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._mutex = threading.Lock()

    def ask(self, question: Callable[[], T]) -> "Future[T]":
        """Have one of them ask; a new one where all are busy and there may be more."""
        asked: Future[T] = Future()
        context = contextvars.copy_context()  # sentences are made in the language of whoever asks
        self._work.put((asked, lambda: context.run(question)))
        with self._mutex:
            if self._idle < self._work.qsize() and self._made < self._most:
                self._made += 1
                # A daemon: the program ends without waiting for a machine that does not answer.
                threading.Thread(target=self._run, daemon=True, name=f"replica-{self._made}").start()
        return asked

    def _run(self) -> None:
        while True:
            with self._mutex:
                self._idle += 1
            asked, question = self._work.get()
            with self._mutex:
                self._idle -= 1
            if not asked.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                asked.set_result(question())
            except BaseException as reason:
                asked.set_exception(reason)
            finally:
                connections[ALIAS].close_if_unusable_or_obsolete()


class _Watch:
    """Knows how the copy is; whoever asks after it was long enough looks again, one at a time."""

    def __init__(self) -> None:
        self._standing, self._next, self._mutex = Standing(SILENT), 0.0, threading.Lock()
        self._pending: Future[Standing] | None = None
        self.hands = _Hands(settings.THREADS)

    def standing(self) -> Standing:
        if time.monotonic() >= self._next and self._mutex.acquire(blocking=False):
            try:
                self.set(self._look())
            finally:
                self._mutex.release()
        return self._standing

    def set(self, standing: Standing) -> None:
        self._standing = standing
        self._next = time.monotonic() + (LOOK if standing.state == NEAR else AGAIN)

    def _look(self) -> Standing:
        if self._pending is not None and not self._pending.done():
            return Standing(SILENT)  # the last look still waits
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
            present = cursor.fetchone()[0]
        self._pending = self.hands.ask(lambda: _compare(present))
        try:
            return self._pending.result(PATIENCE)
        except (TimeoutError, DatabaseError, InterfaceError):
            return Standing(SILENT)


def _compare(present: str) -> Standing:
    """How far the copy is behind a place in the primary's write-ahead log."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn,"
            " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())",
            [present],
        )
        copies, is_there, since = cursor.fetchone()
    if not copies:
        return Standing(NO_COPY)
    seconds = 0.0 if is_there else None if since is None else max(0.0, float(since))
    near = seconds is not None and seconds <= settings.DATABASE_REPLICA_SECONDS
    return Standing(NEAR if near else LATE, seconds)


_watch: _Watch | None = None
_making = threading.Lock()


def _watching() -> _Watch:
    global _watch
    with _making:
        _watch = _watch or _Watch()
    return _watch


def is_set_up() -> bool:
    """Whether settings name a copy."""
    return ALIAS in connections.settings


def standing() -> Standing:
    """How the copy is, as it was seen at most some seconds ago."""
    return _watching().standing()


def ask(question: Callable[[str], T]) -> tuple[T, bool]:
    """The answer to a question for lists or counts, and whether the copy gave it; else the primary did.

    :param question: takes the name of the database, and answers with rows that are read, no questions still to ask
    """
    # Inside a transaction one reads what one wrote.
    if not is_set_up() or connection.in_atomic_block or standing().state != NEAR:
        return question(DEFAULT_DB_ALIAS), False
    asked = _watching().hands.ask(lambda: question(ALIAS))
    try:
        return asked.result(PATIENCE), True
    except (TimeoutError, DatabaseError, InterfaceError):
        asked.cancel()
        _watching().set(Standing(SILENT))
        return question(DEFAULT_DB_ALIAS), False


class Router:
    """Nothing goes to the copy by itself, least of all a migration."""

    def allow_migrate(self, db: str, _app: str, **_hints: Any) -> bool | None:
        """Tables reach the copy from the primary."""
        return False if db == ALIAS else None

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        """The copy's rows are the primary's."""
        return True
