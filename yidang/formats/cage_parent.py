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

    def __init__(self, control: socket.socket, idle: float) -> None:
        self.control = control
        self.idle = idle
        self.deadlines: dict[int, float] = {}

    def run(self) -> None:
        """Until the client closes the socket, or nothing was asked for ``idle`` seconds."""
        last = time.monotonic()
        while True:
            ready, _, _ = select.select([self.control], [], [], 0.05 if self.deadlines else min(self.idle, 5.0))
            self._reap()
            if ready:
                message, files, _flags, _address = socket.recv_fds(self.control, _PACKET, _MOST_FILES)
                if not message:
                    break
                last = time.monotonic()
                self._start(json.loads(message), files)
            elif not self.deadlines and time.monotonic() - last > self.idle:
                break
        for child in self.deadlines:
            _kill(child)

    def _start(self, request: dict, files: list[int]) -> None:
        child = os.fork()
        if child == 0:
            self.control.close()
            from yidang.formats.cage_child import answer

            answer(request, files)
        for file in files:
            os.close(file)
        self.deadlines[child] = time.monotonic() + request["seconds"] + 0.5

    def _reap(self) -> None:
        while True:
            try:
                child, _status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if child == 0:
                break
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
    walls = enter()
    from yidang.formats.cage_child import prepare

    prepare(kind)
    gc.collect()
    gc.freeze()  # children then share the parent's pages instead of copying them at their first collection
    control.send(json.dumps(walls.to_json()).encode())
    Parent(control, idle).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
