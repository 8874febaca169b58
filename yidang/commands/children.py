"""The processes that the supervisor looks after."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

from django.conf import settings

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


def program() -> list[str]:
    """How the program is started: as it was called, so that after an upgrade the name leads to the new version."""
    called = Path(sys.argv[0])
    if called.name == "yidang" and called.is_absolute() and os.access(called, os.X_OK):
        return [str(called)]
    return [sys.executable, "-m", "yidang"]


class Child:
    """One process of the group: started again when it dies, a little later each time."""

    def __init__(self, name: str, arguments: list[str], *, passed: tuple[int, ...] = ()) -> None:
        self.name, self._arguments, self._passed = name, arguments, passed
        self._process: subprocess.Popen[bytes] | None = None
        self._pause, self._started, self._due = FIRST_PAUSE, 0.0, 0.0

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen([*program(), *self._arguments], start_new_session=True, pass_fds=self._passed)
        self._started = time.monotonic()

    @property
    def lives(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def look_after(self) -> None:
        """Start it again if it died; one that lived for a minute is forgiven its past."""
        if self.lives:
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
        if self._process is not None and self.lives:
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


class WebChild(Child):
    """A web process at the supervisor's listening socket; it says when it answers, and is told before it ends."""

    def __init__(self, arguments: list[str], listening: int) -> None:
        folder = Path(settings.DATA) / "cache" / "serving"
        folder.mkdir(parents=True, exist_ok=True)
        self._sign = folder / f"{uuid4().hex}.ending"
        self._arrived = self._sign.with_suffix(".arrived")
        asked = ["--socket", str(listening), "--sign", str(self._sign)]
        super().__init__("web", ["web", *arguments, *asked], passed=(listening,))
        self._rest = (arguments, listening)

    def successor(self) -> "WebChild":
        """Another one like it."""
        return WebChild(*self._rest)

    def arrives(self, deadline: float) -> bool:
        """Wait until it answers; False if it ended or takes too long."""
        while self.lives and time.monotonic() < deadline:
            if self._arrived.exists():
                return True
            time.sleep(0.1)
        return False

    def announce_end(self) -> None:
        """Have it say at /readyz that it ends, and close each connection with its answer."""
        self._sign.touch()

    def wait(self, deadline: float) -> None:
        """As any child; its signs go with it."""
        super().wait(deadline)
        for sign in (self._sign, self._arrived):
            sign.unlink(missing_ok=True)
