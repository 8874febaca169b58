"""A wire between the program and a server that a test can cut and mend."""

import contextlib
import socket
from threading import Thread


class Wire:
    """Passes bytes to a port of this machine until it is cut."""

    def __init__(self, port: int, *, cut_after: int | None = None) -> None:
        self._target, self._left = port, cut_after
        self._is_cut = False
        self._ends: list[socket.socket] = []
        self.passed = 0
        self._listening = self._listen(0)
        self.port: int = self._listening.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listening = socket.create_server(("127.0.0.1", port))
        Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _peer = listening.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            self._ends += [near, far]
            for source, target, counts in ((near, far, True), (far, near, False)):
                Thread(target=self._pass, args=(source, target, counts), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with contextlib.suppress(OSError):  # a cut wire is what this is for
            while chunk := source.recv(65536):
                if counts:
                    self.passed += len(chunk)
                    if self._left is not None and self.passed > self._left:
                        self.cut()
                        return
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Nothing passes any more, and nobody answers."""
        self._is_cut, self._left = True, None
        for end in [self._listening, *self._ends]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def mend(self) -> None:
        """The same port answers again."""
        self._is_cut = False
        self._listening = self._listen(self.port)

    @property
    def is_cut(self) -> bool:
        """Whether it was cut."""
        return self._is_cut
