"""The system under attack: a data folder, a real `yidang serve` on it, and every process that belongs to it."""

import compileall
import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.torture.database import PostgreSQL, rows_of, rows_of_file

ROOT = Path(__file__).resolve().parents[2]
ANSWER_SECONDS = 400
FURNISHED = "furnished"


class NotWell(AssertionError):
    """A promise was broken, or the program did not come back by itself."""


def environment_of(data: Path, **more: str) -> dict[str, str]:
    """The environment of a process on this data folder; nothing of the developer's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    return {
        **kept, "YIDANG_DATA": str(data), "YIDANG_CLAMD": "off", "YIDANG_THREADS": "8", "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONDONTWRITEBYTECODE": "1", **more,
    }  # fmt: skip


@dataclass(frozen=True)
class Furnished:
    """A data folder as furnishing left it; attacks take copies of it."""

    data: Path
    token: str
    password: str
    server: PostgreSQL | None = None


def furnish(data: Path, *, records: int = 0, server: PostgreSQL | None = None, **settings: str) -> Furnished:
    """Make an archive with its people and so many records.

    :param server: where its rows stand, if not in the data folder
    """
    # Nothing is compiled at a start any more: it would cost each of them a second, and a death there shows nothing.
    for name in ("yidang", "config"):
        compileall.compile_dir(ROOT / name, quiet=1)
    if server:
        settings["YIDANG_DATABASE"] = server.make(FURNISHED)
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.furnishing", str(records)], cwd=ROOT,
        env=environment_of(data, **settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotWell(f"the archive could not be furnished: {done.stderr[-2000:]}")
    return Furnished(data, server=server, **json.loads(done.stdout.splitlines()[-1]))


class House:
    """One served data folder.

    :param data: where the copy of the furnished folder is to stand, or stands already
    """

    def __init__(self, furnished: Furnished, data: Path, log: Path, *, copies: bool = True, **settings: str) -> None:
        if copies:
            shutil.copytree(furnished.data, data, symlinks=True, dirs_exist_ok=True)
        self.furnished, self.data, self.log = furnished, data, log
        self.token, self.password = furnished.token, furnished.password
        self.server, self._database = furnished.server, ""
        if self.server:
            self._database = self.server.make(f"house_{uuid4().hex}", like=FURNISHED)
            settings["YIDANG_DATABASE"] = self._database
        self.environment = environment_of(data, **settings)
        self.port = _lasting_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: set[int] = set()

    # ---- processes ------------------------------------------------------------------------------------------------

    def start(self, *, wait: bool = True) -> None:
        """Start it, as a service manager would after its end."""
        command = [sys.executable, "-m", "yidang", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        if wait:
            self.await_answer()

    def await_answer(self) -> None:
        """Wait until it answers; what keeps ending at once is started again, as a service manager would.

        :raises NotWell: no answer in all that time
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            if self.answers():
                return
            if self._process is not None and self._process.poll() is not None:
                time.sleep(0.3)
                self.start(wait=False)
            time.sleep(0.05)
        raise NotWell(f"no answer within {ANSWER_SECONDS} s: {self.log.read_text(errors='replace')[-3000:]}")

    def answers(self) -> bool:
        """Whether it answers now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        return False

    def group(self) -> dict[int, str]:
        """Every living process of the program and what it is: supervisor, web, web child, worker, or another child."""
        if self._process is None or self._process.poll() is not None:
            return {}
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
        found = {self._process.pid: "supervisor"}
        waiting = [(pid, "") for pid in children.get(self._process.pid, [])]
        while waiting:
            pid, above = waiting.pop()
            words = _words(pid)
            name = (
                "web child" if above == "web" else next((word for word in ("web", "worker") if word in words), "other")
            )
            name = "cage" if above in {"web child", "worker"} else name
            found[pid] = name
            waiting += [(child, name) for child in children.get(pid, [])]
        self._seen |= set(found)
        return found

    def kill_all(self) -> None:
        """SIGKILL to every process at once, as when the machine's power goes."""
        if self._process is None:
            return
        self.group()
        for pid in self._seen:
            if "yidang" in " ".join(_words(pid)):  # a number may belong to somebody else by now
                kill(pid)
        self._process.kill()
        self._process.wait()
        self.await_end()

    def await_end(self) -> None:
        """Wait until none of the processes that were ever seen lives."""
        deadline = time.monotonic() + 120
        while any(is_alive(pid) for pid in self._seen):
            if time.monotonic() > deadline:
                raise NotWell("processes outlived their supervisor by two minutes")
            time.sleep(0.05)
        self._seen.clear()

    def stop(self) -> None:
        """Stop it as an operator would."""
        if self._process is None or self._process.poll() is not None:
            return
        self.group()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise NotWell("it did not stop within 40 s of SIGTERM") from None

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_reason: object) -> None:
        self.kill_all()
        if self.server:
            self.server.drop(self._database)

    def strike_database(self, chance: random.Random) -> str:
        """SIGKILL to a process of the database's server; nothing where the database is a file."""
        return self.server.strike(self._database, chance) if self.server else ""

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Rows as an outsider reads them."""
        if self.server:
            self.server.await_answer()
        return rows_of(self._database, question) if self.server else rows_of_file(self.data, question)

    # ---- commands -------------------------------------------------------------------------------------------------

    def command(self, *words: str) -> list[str]:
        """The words of a command of the program on this folder."""
        return [sys.executable, "-m", "yidang", *words]

    def run(self, *words: str, prefix: tuple[str, ...] = (), given: str = "") -> tuple[int, dict[str, Any], str]:
        """Run a command: its exit, its JSON, what it said."""
        done = subprocess.run(
            [*prefix, *self.command(*words)], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
            timeout=300, input=given,
        )  # fmt: skip
        try:
            answer = json.loads(done.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            answer = {}
        return done.returncode, answer, done.stderr


class Operator:
    """A process of the program that looks and acts on request, so that each look does not cost a start."""

    def __init__(self, house: House) -> None:
        self._log = house.log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.operating"], cwd=ROOT, env=house.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        self._child = 0

    def __call__(self, deed: str, **values: Any) -> Any:
        """Ask for one deed of ``operating``.

        :raises NotWell: it failed; the reason is its traceback
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"deed": deed, **values}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the operator's process ended"}
        if "error" in answer:
            raise NotWell(f"{deed}: {answer['error']}")
        return answer["done"]

    def close(self) -> None:
        """End it."""
        if self._child:
            kill(self._child)
        self._process.kill()
        self._process.wait()
        self._log.close()

    def begin(self) -> None:
        """Begin in a child that knows nothing of what was done before, e.g. on another folder at the same place."""
        self._child = self("begin")

    def end(self) -> None:
        """End what was begun."""
        self("end")
        self._child = 0

    def __enter__(self) -> "Operator":
        self.begin()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()


def kill(pid: int) -> None:
    """SIGKILL, whether or not it still lives."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _words(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still live."""
    with contextlib.suppress(OSError):
        lists = [path / "children" for path in (Path("/proc") / str(pid) / "task").iterdir()]
        return [int(word) for path in lists for word in path.read_text().split()]
    return []


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that is only waited for does not."""
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _lasting_port() -> int:
    """A port that stays free while the program is down: below those that the system lends to whoever calls somebody."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
