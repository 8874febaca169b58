"""The writers' queue: one writer at a time, in the order of asking, across threads and processes.

SQLite's own waiting is a random back-off: under eight writers some wait for seconds. Here threads of one process
queue for a ticket, and the process at the front holds a lock on a file beside the database. The kernel releases that
lock when a process dies, so a killed writer never blocks the others.
"""

import fcntl
import os
import threading
from collections import deque
from pathlib import Path


class WriterQueue:
    """A fair lock for one database file; re-entrant use by the same connection is the caller's concern."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False
        self._descriptor = -1
        self._owner_pid = 0

    def acquire(self) -> None:
        """Wait for the turn."""
        with self._mutex:
            if not self._held and not self._waiting:
                self._held = True
                ticket = None
            else:
                ticket = threading.Event()
                self._waiting.append(ticket)
        if ticket is not None:
            ticket.wait()
        try:
            self._lock_file()
        except BaseException:
            self._pass_on()
            raise

    def release(self) -> None:
        """Let the next one write."""
        if self._descriptor >= 0:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._pass_on()

    def _pass_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False

    def _lock_file(self) -> None:
        # A forked child must not share the parent's open file: flock belongs to the open file, not to the process.
        if self._descriptor < 0 or self._owner_pid != os.getpid():
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._owner_pid = os.getpid()
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)


_queues: dict[str, WriterQueue] = {}
_queues_mutex = threading.Lock()


def queue_for(database: str) -> WriterQueue:
    """The one queue of this process for a database file."""
    with _queues_mutex:
        if database not in _queues:
            _queues[database] = WriterQueue(Path(f"{database}.writers"))
        return _queues[database]
