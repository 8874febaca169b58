"""The door to the cage: what the program calls when a foreign file must be read.

Safe for many threads. Nothing here reads a foreign file: it opens it, hands the descriptor over and waits.
"""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from yidang.formats.findings import Finding, finding, from_json
from yidang.formats.types import Limits, ReadingFailed

_HEADER = 12
_START_SECONDS = 120.0
# The parents end by themselves after so many idle seconds; their next use starts them again.
_IDLE = {"read": 600.0, "office": 60.0, "ocr": 120.0}
_AT_ONCE = {"read": max(4, 2 * (os.cpu_count() or 1)), "office": 2, "ocr": max(1, (os.cpu_count() or 2) // 2)}


class _Lost(Exception):
    """The parent ended before it took the request."""


class _Parent:
    """One running parent and the socket to it."""

    def __init__(self, kind: str) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        root = str(Path(__file__).resolve().parents[2])
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": root, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "HOME": "/tmp",  # noqa: S108 — the cage's
            "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1",
        }  # fmt: skip
        started = subprocess.Popen(
            [sys.executable, "-m", "yidang.formats.cage_parent", kind, str(theirs.fileno()), str(_IDLE[kind])],
            pass_fds=[theirs.fileno()], env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        theirs.close()
        ours.settimeout(_START_SECONDS)
        try:
            said = ours.recv(8192)
        except TimeoutError:
            said = b""
        # Within namespaces the process that was started has handed over to another and ended by now.
        threading.Thread(target=started.wait, daemon=True).start()
        if not said:
            ours.close()
            raise ReadingFailed(finding("reader_absent", name="", program="cage"))
        self.walls: dict[str, Any] = json.loads(said)
        self.socket = ours
        self.lock = threading.Lock()

    def send(self, request: bytes, files: Sequence[int]) -> None:
        try:
            with self.lock:
                socket.send_fds(self.socket, [request], list(files))
        except OSError as error:
            raise _Lost from error

    def close(self) -> None:
        self.socket.close()


class Cage:
    """The cage for one kind of reader; its parent starts when it is first needed."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._parent: _Parent | None = None
        self._places = threading.BoundedSemaphore(_AT_ONCE[kind])

    def _running(self) -> _Parent:
        with self._lock:
            if self._parent is None:
                self._parent = _Parent(self.kind)
            return self._parent

    def _forget(self, parent: _Parent) -> None:
        with self._lock:
            if self._parent is parent:
                self._parent = None
                parent.close()

    def warm(self) -> dict[str, Any]:
        """Start the parent if it does not run; the answer says which walls hold."""
        return self._running().walls

    def stop(self) -> None:
        """End the parent and everything in it."""
        with self._lock:
            if self._parent is not None:
                self._parent.close()
                self._parent = None

    def call(
        self, deed: str, files: Sequence[tuple[Path, str]], *, within: Limits, **arguments: Any
    ) -> tuple[Any, bytes]:
        """Have a deed done on some files.

        :param files: pairs of path and the name that the sender gave
        :raises ReadingFailed: the reader refused, crashed, or went over a limit
        :raises OSError: a file of ours is not there
        """
        with contextlib.ExitStack() as open_files:
            descriptors = []
            for path, _name in files:
                descriptors.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
                open_files.callback(os.close, descriptors[-1])
            request = {
                "deed": deed, "names": [name for _path, name in files], "arguments": arguments,
                "seconds": within.seconds, "memory": within.memory, "output": within.output,
            }  # fmt: skip
            packet = json.dumps(request).encode()
            with self._places:
                for _attempt in range(3):
                    parent = self._running()
                    try:
                        return _exchange(parent, packet, descriptors, within)
                    except _Lost:
                        self._forget(parent)
        raise ReadingFailed(finding("reader_crashed"))


def _exchange(parent: _Parent, packet: bytes, files: Sequence[int], within: Limits) -> tuple[Any, bytes]:
    ours, theirs = socket.socketpair()
    began = time.monotonic()
    with ours:
        with theirs:
            parent.send(packet, [theirs.fileno(), *files])
        ours.settimeout(within.seconds + 5)
        try:
            taken = ours.recv(1)
        except OSError as error:
            raise _Lost from error
        if not taken:
            raise _Lost
        try:
            header = _read(ours, _HEADER)
            length, size = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
            if length + size > within.output + 4096:
                raise ReadingFailed(finding("reader_output"))
            said, blob = json.loads(_read(ours, length)), _read(ours, size)
        except (EOFError, OSError) as error:
            slow = time.monotonic() - began >= within.seconds
            known = finding("took_too_long", seconds=f"{within.seconds:g}") if slow else finding("reader_crashed")
            raise ReadingFailed(known) from error
    if "finding" in said:
        raise ReadingFailed(from_json(said["finding"]))
    if "failure" in said:
        facts = {"reason": said["reason"]} if "reason" in said else {}
        raise ReadingFailed(finding(said["failure"], **facts))
    return said["result"], blob


def _read(stream: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = stream.recv(min(1 << 20, length - len(parts)))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


READ, OFFICE, OCR = Cage("read"), Cage("office"), Cage("ocr")


def _after_fork() -> None:
    """A forked copy of this process must not speak on its parent's sockets."""
    for cage in (READ, OFFICE, OCR):
        cage.__init__(cage.kind)  # type: ignore[misc]  # the locks may be held by threads that are not here


os.register_at_fork(after_in_child=_after_fork)


def stop() -> None:
    """End every parent; the next call starts what it needs."""
    for cage in (READ, OFFICE, OCR):
        cage.stop()


atexit.register(stop)


def status() -> dict[str, Any]:
    """Which walls hold on this machine: ``network``, ``files``, ``processes``, ``privileges``, ``how``, ``reason``."""
    try:
        return READ.warm()
    except ReadingFailed as failed:
        return {"network": False, "files": False, "processes": False, "how": "absent", "reason": failed.finding.code}


def hold(what: str, where: str = "", limits: Limits | None = None) -> Finding | Any:
    """Try something forbidden inside the cage, for tests and ``doctor``: the finding it ended in, or what it got."""
    try:
        return READ.call("break", [], within=limits or Limits(seconds=1), what=what, where=where)[0]
    except ReadingFailed as failed:
        return failed.finding
