"""A real Yidang for journeys and benches: its own data folder, its own process, its own port."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WAIT = 180  # seconds for a start beside much other work; alone it takes five
PROGRAM = Path(sys.executable).parent / "yidang"


class CannotStart(Exception):
    """The demonstration hospital could not be made or served; the sentence says why."""


@dataclass(frozen=True)
class Account:
    """One of the demonstration's people."""

    username: str
    role: str
    password: str
    token: str


class Server:
    """A `yidang serve` on a demonstration hospital.

    :param accounts: those of a hospital that stands in the folder already; without them one is made
    :raises CannotStart: the hospital could not be made
    """

    def __init__(
        self,
        folder: Path,
        *,
        records: int = 1,
        environment: dict[str, str] | None = None,
        accounts: dict[str, Account] | None = None,
    ) -> None:
        self.folder = folder
        self.environment = {**os.environ, "YIDANG_CLAMD": "off", **(environment or {})}
        self.accounts = self._build(records) if accounts is None else accounts
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def _build(self, records: int) -> dict[str, Account]:
        command = [str(PROGRAM), "demo", "--data", str(self.folder), "--records", str(records), "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"`yidang demo` failed: {done.stderr.strip()[-400:]}")
        return {
            entry["role"]: Account(entry["username"], entry["role"], entry["password"], entry["token"])
            for entry in json.loads(done.stdout)["accounts"]
        }

    def start(self) -> None:
        """Start it and wait until it answers.

        :raises CannotStart: it ended, or did not answer in time
        """
        command = [str(PROGRAM), "serve", "--data", str(self.folder), "--port", str(self.port)]
        log = (self.folder / "log" / "server.log").open("wb")
        self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(
                    f"The server ended at once: {(self.folder / 'log' / 'server.log').read_text()[-2000:]}"
                )
            with contextlib.suppress(OSError):
                connection = self.connect()
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        self.stop()
        raise CannotStart(f"The server did not answer within {WAIT} seconds.")

    @property
    def address(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        """A connection; the plainest client, so that the figure is the server's and not the client's."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def resident_megabytes(self) -> float:
        """Resident memory of the program with all that it started; pages that several share count once."""
        total = 0
        for pid in self._pids():
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
        return total / 1024

    def await_rest(self, seconds: float = 600, share: float = 0.08) -> None:
        """Wait until the program has done what it does after a start: until it uses less than this share of a processor.

        :raises CannotStart: it is still at it after so many seconds
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            before, began = self._processor_seconds(), time.monotonic()
            time.sleep(3)
            if (self._processor_seconds() - before) / (time.monotonic() - began) < share:
                return
        raise CannotStart(f"the program is still busy after {seconds:.0f} s")

    def _processor_seconds(self) -> float:
        total = 0
        for pid in self._pids():
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(told[11]) + int(told[12])
        return total / os.sysconf("SC_CLK_TCK")

    def _pids(self) -> list[int]:
        """The program's process and all below it."""
        assert self._process is not None
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
        found, waiting = [], [self._process.pid]
        while waiting:
            found.append(waiting.pop())
            waiting += children.get(found[-1], [])
        return found

    def stop(self) -> None:
        """Stop it as an operator would."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextlib.contextmanager
def running(folder: Path, *, records: int = 1, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A server for the time of a with-block."""
    server = Server(folder, records=records, environment=environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()
