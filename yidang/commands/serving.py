"""``yidang serve``: one supervised group of a web process and a worker over one data folder."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import click
from django.conf import settings
from django.utils.translation import gettext as _

from yidang.commands.output import say
from yidang.commands.parent import end_with_parent
from yidang.commands.preparing import prepare
from yidang.common.errors import WrongState
from yidang.common.program_log import keep_in_file
from yidang.jobs.worker import Worker

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class AlreadyServed(WrongState):
    """Another program serves this data folder."""

    code = "already_served"


def hold_folder() -> IO[str]:
    """Hold the data folder for this process; the kernel lets go when the process ends, however it ends.

    :raises AlreadyServed: another process holds it
    """
    holder = (Path(settings.DATA) / "serving").open("a+", encoding="ascii")
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder.seek(0)
        raise AlreadyServed(
            _("Another program (process %(pid)s) serves the data folder %(folder)s.")
            % {"pid": holder.read().strip() or "?", "folder": settings.DATA},
            remedy=_("Stop it first, or name another folder with --data."),
        ) from None
    holder.truncate(0)
    holder.write(str(os.getpid()))
    holder.flush()
    return holder


class Child:
    """One process of the group: started again when it dies, a little later each time."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name, self._arguments = name, arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._pause, self._started, self._due = FIRST_PAUSE, 0.0, 0.0

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen([sys.executable, "-m", "yidang", *self._arguments], start_new_session=True)
        self._started = time.monotonic()

    def look_after(self) -> None:
        """Start it again if it died; one that lived for a minute is forgiven its past."""
        if self._process is not None and self._process.poll() is None:
            return
        now = time.monotonic()
        if self._process is not None:
            log.error(
                "%s ended with %s; it is started again in %.1f s", self.name, self._process.returncode, self._pause
            )
            self._pause = FIRST_PAUSE if now - self._started > 60 else min(self._pause * 2, LONGEST_PAUSE)
            self._process, self._due = None, now + self._pause
        if now >= self._due:
            self.start()

    def ask_to_stop(self) -> None:
        """Ask it to finish what it does and end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, deadline: float) -> None:
        """Wait for its end; after the deadline it is killed, which loses nothing that was acknowledged."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _announce_first_start(address: str) -> None:
    from yidang.people.actions import prepare_first_start

    key = prepare_first_start()
    if key:
        say(_("Nobody has an account yet. Make the three administrators at %(address)s/first-start/ with the key %(key)s") % {
            "address": address, "key": key,
        })  # fmt: skip


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve the archive: web pages, API and workers, until SIGTERM."""
    holder = hold_folder()
    prepare()
    keep_in_file(settings.DATA / "log", "serve", mebibytes=settings.LOG_MIB)
    address = f"http://{host}:{port}"
    _announce_first_start(address)
    children = [
        Child("web", ["web", "--host", host, "--port", str(port), "--threads", str(settings.THREADS)]),
        Child("worker", ["worker"]),
    ]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for child in children:
        child.start()
    say(_("Serving %(folder)s at %(address)s") % {"folder": settings.DATA, "address": address})
    while not stop.wait(0.3):
        for child in children:
            child.look_after()
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + DRAIN_SECONDS
    for child in children:
        child.wait(deadline)
    holder.close()


@click.command(hidden=True)
def worker() -> None:
    """The worker: jobs, and the index's only writer."""
    end_with_parent()
    keep_in_file(settings.DATA / "log", "worker", mebibytes=settings.LOG_MIB)
    os.nice(10)  # whoever files or reads goes first; what waits here catches up when they pause
    from yidang import search

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    indexer = threading.Thread(target=search.run_indexer, args=(stop,), name="indexer")
    indexer.start()
    Worker().run(stop)
    indexer.join(DRAIN_SECONDS)
