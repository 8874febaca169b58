"""The caged parent: loads the readers once, then forks a child for every file.

Started by cage.py as ``python -m yidang.formats.cage_parent KIND SOCKET IDLE``. Each packet on the socket is one
request as JSON with open files beside it: the reply socket first, the files to read after it. The child answers on
the reply socket by itself; the parent only counts time.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time

from yidang.formats.cage_jail import enter

_PACKET = 192 * 1024
_MOST_FILES = 200


class Parent:
    """The loop: take a request, fork, kill what is over its time, end when idle or alone."""

    def __init__(self, control: socket.socket, idle: float, kind: str) -> None:
        self.control = control
        self.kind = kind
        self.idle = idle
        self.deadlines: dict[int, float] = {}
        self.spare: tuple[int, socket.socket] | None = None

    def run(self) -> None:
        """Until the client closes the socket, or nothing was asked for ``idle`` seconds."""
        last, last_answered = time.monotonic(), False
        asked = select.poll()  # select.select refuses descriptors from 1024 on, which a busy server hands down
        asked.register(self.control, select.POLLIN)
        while True:
            waits = 0.02 if self.deadlines or (last_answered and not self.spare) else min(self.idle, 5.0)
            ready = asked.poll(waits * 1000)
            self._reap()
            if not ready and not self.deadlines and not self.spare and last_answered:
                self._keep_spare()
            if ready:
                message, files, _flags, _address = socket.recv_fds(self.control, _PACKET, _MOST_FILES)
                if not message:
                    break
                last, last_answered = time.monotonic(), True
                self._start(message, files)
            elif not self.deadlines and time.monotonic() - last > self.idle:
                break
        for child in (*self.deadlines, *((self.spare[0],) if self.spare else ())):
            _kill(child)

    def _start(self, message: bytes, files: list[int]) -> None:
        child = self._hand_over(message, files)
        request = json.loads(message)
        if not child:
            child = os.fork()
            if child == 0:
                self.control.close()
                from yidang.formats.cage_child import answer

                answer(request, files)
        for file in files:
            os.close(file)
        self.deadlines[child] = time.monotonic() + request["seconds"] + 0.5

    def _hand_over(self, message: bytes, files: list[int]) -> int:
        """Give the request to the child that waits for one; its number, or 0 if none waits."""
        if self.spare is None:
            return 0
        child, line = self.spare
        self.spare = None
        with line:
            try:
                socket.send_fds(line, [message], files)
            except OSError:
                return 0
        return child

    def _keep_spare(self) -> None:
        """While nothing is to be done, fork a child that has touched what readers touch, for the next request."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        child = os.fork()
        if child == 0:
            self.control.close()
            ours.close()
            from yidang.formats.cage_child import answer, rehearse

            rehearse(self.kind)
            message, files, _flags, _address = socket.recv_fds(theirs, _PACKET, _MOST_FILES)
            if not message:
                os._exit(0)
            answer(json.loads(message), files)
        theirs.close()
        self.spare = (child, ours)

    def _reap(self) -> None:
        while True:
            try:
                child, _status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if child == 0:
                break
            if self.spare is not None and self.spare[0] == child:
                self.spare[1].close()
                self.spare = None
            if self.deadlines.pop(child, None) is not None:
                _kill(child, only_group=True)
        now = time.monotonic()
        for child, deadline in self.deadlines.items():
            if now > deadline:
                _kill(child)


def _kill(child: int, *, only_group: bool = False) -> None:
    """End a child and all that it started."""
    targets = [os.killpg] if only_group else [os.killpg, os.kill]
    for end in targets:
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it has ended by itself


def main(kind: str, descriptor: int, idle: float) -> None:
    """Enter the cage, load the readers of a kind, tell the client which walls hold, and serve."""
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    # LibreOffice makes a socket in /tmp and removes it, whatever TMPDIR says; the service unit gives us a /tmp of our own.
    walls = enter(sockets=["/tmp"] if kind == "office" else [])  # noqa: S108 — its own choice
    from yidang.formats.cage_child import prepare

    prepare(kind)
    if kind != "read":
        # Recognition and conversion take minutes of computing: whoever waits for a page goes first. Not before the readers
        # are loaded: on a busy machine that alone would take longer than anybody waits for a cage.
        os.nice(10)
    gc.collect()
    gc.freeze()  # children then share the parent's pages instead of copying them at their first collection
    control.send(json.dumps(walls.to_json()).encode())
    Parent(control, idle, kind).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
