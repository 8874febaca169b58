"""``yidang serve`` as a real process: one for a folder, children that come back, a clean stop."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PROGRAM = [sys.executable, "-m", "yidang"]


def wait_for(true: Callable[[], bool], *, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"nothing came of it in {seconds} s"
        time.sleep(0.1)


class Served:
    """A served folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
        self.environment = {**kept, "YIDANG_CLAMD": "off"}
        self.process = self.run()
        wait_for(lambda: self.answers() or self.process.poll() is not None)

    def run(self, *more: str) -> "subprocess.Popen[str]":
        command = [*PROGRAM, "serve", "--data", str(self.folder), "--port", str(self.port), *more]
        return subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status == 200
        return False

    def children(self, of: int = 0) -> dict[str, int]:
        """The process of each child by the word it was started with."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(of or self.process.pid)], capture_output=True, text=True
        )
        rows = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
        return {args.split(" -m yidang ")[1].split()[0]: int(pid) for pid, args in rows if " -m yidang " in args}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    one = Served(tmp_path_factory.mktemp("served"))
    assert one.answers(), one.process.stderr.read() if one.process.stderr else ""
    yield one
    one.process.send_signal(signal.SIGTERM)
    one.process.wait(40)


def test_a_second_one_on_the_same_folder_is_refused_in_words(served: Served) -> None:
    second = served.run("--host", "127.0.0.2")
    _out, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert str(served.process.pid) in said
    assert "--data" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("child", ["worker", "web"])
def test_a_child_that_is_killed_comes_back(served: Served, child: str) -> None:
    killed = served.children()[child]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: served.children().get(child, killed) != killed)
    wait_for(served.answers)


def test_the_servers_own_child_does_not_outlive_it(served: Served) -> None:
    web = served.children()["web"]
    wait_for(lambda: bool(served.children(of=web)))
    [answering] = served.children(of=web).values()
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{answering}").exists(), seconds=30)
    wait_for(served.answers)


def test_it_is_renewed_without_refusing_anybody(served: Served) -> None:
    before = served.children()
    answered: list[int] = []
    refused: list[object] = []
    enough = threading.Event()

    def ask() -> None:
        kept: http.client.HTTPConnection | None = None
        while not enough.wait(0.02):
            for stays in (
                False,
                True,
            ):  # a connection for this question alone, and one that is used as long as it may be
                used_before = stays and kept is not None
                asked = kept if stays and kept else http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
                try:
                    asked.request("GET", "/healthz")
                    answer = asked.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException) as reason:
                    kept = None
                    # Either side may close a connection on which nothing is asked; browsers and proxies then ask on a new one.
                    if not (used_before and isinstance(reason, http.client.RemoteDisconnected | BrokenPipeError)):
                        refused.append(repr(reason))
                    continue
                (answered if answer.status == 200 else refused).append(answer.status)
                if stays:
                    kept = None if answer.headers.get("Connection", "").lower() == "close" else asked

    threads = [threading.Thread(target=ask) for _number in range(3)]
    for thread in threads:
        thread.start()
    served.process.send_signal(signal.SIGHUP)
    wait_for(lambda: set(served.children().values()).isdisjoint(before.values()) and len(served.children()) == 2)
    enough.set()
    for thread in threads:
        thread.join()
    assert refused == []
    assert len(answered) > 50


def test_commands_work_beside_it(served: Served) -> None:
    done = subprocess.run(
        [*PROGRAM, "search", "status", "--json", "--data", str(served.folder)],
        env=served.environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["records"] == 0


def test_it_stops_cleanly_and_takes_its_children_along(tmp_path: Path) -> None:
    one = Served(tmp_path)
    children = one.children()
    assert set(children) == {"web", "worker"}
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(40) == 0
    assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]


def test_when_it_is_killed_its_children_end_and_the_folder_is_free(tmp_path: Path) -> None:
    one = Served(tmp_path)
    children = one.children()
    one.process.kill()
    one.process.wait()
    wait_for(lambda: not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()], seconds=30)
    again = Served(tmp_path)
    assert again.answers()
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(40) == 0
