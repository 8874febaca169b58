"""``yidang serve``: one supervised group of a web process and a worker over one data folder."""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import IO

import click
from django.conf import settings
from django.utils.translation import gettext as _

from yidang.commands.children import Child, WebChild, program
from yidang.commands.output import say
from yidang.commands.parent import end_with_parent
from yidang.commands.preparing import prepare
from yidang.commands.web import BACKLOG
from yidang.common.errors import WrongState
from yidang.common.program_log import keep_in_file
from yidang.jobs import machines
from yidang.jobs.registry import load_tasks
from yidang.jobs.worker import Worker

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20
# A new web process loads the program; on a busy machine that takes a while, and nobody waits for it.
ARRIVAL_SECONDS = 120
# So long an ending web process closes each connection with its answer, before it takes no more.
CLOSING_SECONDS = 2


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


def _announce_first_start(address: str) -> None:
    from yidang.people.actions import prepare_first_start

    key = prepare_first_start()
    if key:
        say(_("Nobody has an account yet. Make the three administrators at %(address)s/first-start/ with the key %(key)s") % {
            "address": address, "key": key,
        })  # fmt: skip


class PortTaken(WrongState):
    """Another program listens at the address."""

    code = "port_taken"


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket. It belongs to the supervisor, so that nobody is refused while one web process follows another.

    :raises PortTaken: it cannot be had
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG
        )
    except OSError as reason:
        raise PortTaken(
            _("The program cannot listen at %(host)s, port %(port)s: %(reason)s.")
            % {"host": host, "port": port, "reason": reason.strerror},
            remedy=_("Choose another address with --host and --port, or end what listens there."),
        ) from reason


class Group:
    """The web process and the worker of this machine, as far as its role has them."""

    def __init__(self, host: str, port: int) -> None:
        self.web: WebChild | None = None
        self._listening: socket.socket | None = None
        if settings.ROLE != "worker":
            self._listening = _listen(host, port)
            arguments = ["--host", host, "--port", str(port), "--threads", str(settings.THREADS)]
            self.web = WebChild(arguments, self._listening.fileno())
        self.worker = Child("worker", ["worker", *(["--no-jobs"] if settings.ROLE == "web" else [])])

    @property
    def children(self) -> list[Child]:
        """Both, or the one that there is."""
        return [child for child in (self.web, self.worker) if child is not None]

    def start(self) -> None:
        """Start them."""
        for child in self.children:
            child.start()

    def look_after(self) -> None:
        """Start again what died."""
        for child in self.children:
            child.look_after()

    def renew(self) -> None:
        """Let a new web process and a new worker take over, of the program as it is installed now, without refusing anybody."""
        migrated = subprocess.run([*program(), "migrate"], check=False, capture_output=True, text=True)
        if migrated.returncode:
            log.error("the program was not renewed, «yidang migrate» says: %s", migrated.stderr.strip()[-500:])
            return
        if self.web is not None:
            new = self.web.successor()
            new.start()
            if not new.arrives(time.monotonic() + ARRIVAL_SECONDS):
                log.error("the new web process did not arrive; the present one goes on")
                new.ask_to_stop()
                new.wait(time.monotonic() + 5)
                return
            old, self.web = self.web, new
            old.announce_end()
            time.sleep(CLOSING_SECONDS)
            old.ask_to_stop()
            old.wait(time.monotonic() + DRAIN_SECONDS)
        self.worker.ask_to_stop()
        self.worker.wait(time.monotonic() + DRAIN_SECONDS)
        self.worker.start()
        log.warning("the program was renewed")

    def stop(self) -> None:
        """Tell the proxy, finish what was begun, end."""
        if self.web is not None:
            self.web.announce_end()
            time.sleep(settings.DRAIN_SECONDS)
        if self._listening is not None:
            self._listening.close()
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + DRAIN_SECONDS
        for child in self.children:
            child.wait(deadline)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve the archive: web pages, API and workers, until SIGTERM; SIGHUP starts both anew without refusing anybody."""
    holder = hold_folder()
    group = Group(host, port)
    prepare()
    keep_in_file(settings.DATA / "log", "serve", mebibytes=settings.LOG_MIB)
    address = f"http://{host}:{port}"
    stop, again = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: again.set())
    if group.web is not None:
        _announce_first_start(address)
    group.start()
    say(_("Serving %(folder)s at %(address)s") % {"folder": settings.DATA, "address": address})
    while not stop.wait(0.3):
        if again.is_set():
            again.clear()
            group.renew()
        group.look_after()
    group.stop()
    holder.close()


@click.command(hidden=True)
@click.option(
    "--no-jobs", is_flag=True, help="Only follow the index and give signs of life; another machine does later work."
)
def worker(no_jobs: bool) -> None:
    """The worker: jobs, the only writer of this machine's index, and the machine's signs of life."""
    end_with_parent()
    keep_in_file(settings.DATA / "log", "worker", mebibytes=settings.LOG_MIB)
    os.nice(10)  # whoever files or reads goes first; what waits here catches up when they pause
    from yidang import search

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    load_tasks()
    beside = [
        threading.Thread(target=search.run_indexer, args=(stop,), name="indexer"),
        threading.Thread(target=machines.keep_alive, args=(stop,), name="signs-of-life"),
    ]
    for thread in beside:
        thread.start()
    if no_jobs:
        stop.wait()
    else:
        Worker().run(stop)
    for thread in beside:
        thread.join(DRAIN_SECONDS)
