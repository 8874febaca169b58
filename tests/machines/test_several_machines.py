"""Two web machines and a worker over one PostgreSQL and one store, each a host of its own: killed, cut off, renewed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.machines.hosts import Host, Network
from tools.postgres import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(900)]

ASKING = str(Path(__file__).parent / "asking.py")
PROGRAM = [sys.executable, "-m", "yidang"]
PORT = 8000
LAST: dict[str, Any] = {}  # what each machine answered last, for whoever reads a failure


def wait_for(true: Callable[[], object], *, seconds: float, what: str) -> float:
    """Wait until something holds; answers how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, f"{what}: not within {seconds} s; last answers: {LAST}"
        time.sleep(0.2)
    return time.monotonic() - began


def wait_briefly(true: Callable[[], object], *, seconds: float) -> bool:
    """Whether something came to hold; looked at as often as can be."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
    return False


class Served:
    """One machine of the archive."""

    def __init__(self, host: Host, role: str, folder: Path, environment: dict[str, str]) -> None:
        self.host, self.folder, self.url = host, folder, f"http://{host.address}:{PORT}"
        self.environment = {**environment, "YIDANG_MACHINE": host.name, "YIDANG_ROLE": role, "YIDANG_DATA": str(folder)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """As systemd does."""
        command = self.host.on([*PROGRAM, "serve", "--host", self.host.address, "--port", str(PORT)])
        self.log = (self.folder.parent / f"{self.host.name}.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)

    def ask(self, path: str, token: str = "", *filed: str) -> tuple[int, Any]:
        """One question, asked on this host itself; status 0 when nobody answered."""
        method = "POST" if filed else "GET"
        command = self.host.on([sys.executable, ASKING, "once", method, f"{self.url}{path}", token, *filed])
        status, said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        LAST[f"{self.host.name} {path}"] = (status, said[:600])
        try:
            return status, json.loads(said)
        except ValueError:
            return status, said

    def ready(self) -> bool:
        """Whether it says that it takes questions."""
        return self.ask("/readyz")[0] == 200

    def finds(self, words: str, token: str) -> bool:
        """Whether its search answers with exactly one record for these words of a page's text."""
        status, said = self.ask(f"/api/v1/search?q={quote(words)}", token)
        return status == 200 and said["total"] == 1 and not said["widened"]

    def processes(self) -> list[int]:
        """Every process of this machine: the supervisor and its children live in sessions of their own."""
        assert self.process is not None
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
            waiting += map(int, listed.stdout.split())
        return found

    def kill(self) -> None:
        """Pull its plug."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> None:
        """As systemd does, at the end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


class Group:
    """The machines, the database's own door, and a token for filing and searching."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network = network
        self.cluster = Cluster()
        self.local = self.cluster.start(network=network.database)
        address = f"postgresql://yidang@{network.database.split('/')[0]}/yidang" if network.real else self.local
        store, shared = folder / "store", folder / "shared"
        shared.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
        environment = {
            **kept, "YIDANG_CLAMD": "off", "YIDANG_DATABASE": address, "YIDANG_SHARED": str(shared),
            "YIDANG_SITES": f"main={store}/main,second={store}/second", "YIDANG_DRAIN_SECONDS": "2",
        }  # fmt: skip
        (store / "main").mkdir(parents=True)
        (store / "second").mkdir()
        roles = {"a": "web", "b": "both", "w": "worker"}
        hosts = {name: network.host(name, number) for number, name in enumerate(roles, 11)}
        self.machines = {
            name: Served(hosts[name], role, folder / name, {**environment, "DJANGO_SETTINGS_MODULE": "config.settings"})
            for name, role in roles.items()
        }
        first = self.machines["a"]
        made = subprocess.run(
            first.host.on([*PROGRAM, "demo", "--data", str(first.folder), "--records", "1", "--json"]),
            env=first.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr[-2000:]
        accounts = {entry["role"]: entry for entry in json.loads(made.stdout)["accounts"]}
        self.token = accounts["archivist"]["token"]
        for other in ("b", "w"):
            shutil.copytree(first.folder / "keys", self.machines[other].folder / "keys")

    def scalar(self, question: str) -> str:
        """Ask the database past the program."""
        folder = self.local.rpartition("host=")[2]
        done = subprocess.run(
            ["psql", "-h", folder, "-U", "yidang", "-At", "-c", question, "yidang"], capture_output=True, text=True, check=True
        )  # fmt: skip
        return done.stdout.strip()

    def end(self) -> None:
        """Stop everything."""
        for machine in self.machines.values():
            machine.stop()
        self.cluster.stop()


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    network = Network()
    made: Group | None = None
    try:
        made = Group(network, tmp_path_factory.mktemp("machines"))
        for machine in made.machines.values():
            machine.start()
        for name in "ab":
            wait_for(made.machines[name].ready, seconds=240, what=f"machine {name} joins")
        yield made
    finally:
        if made is not None:
            made.end()
        network.remove()


def file(group: Group, name: str, source_id: str, text: str) -> None:
    status, said = group.machines[name].ask("/api/v1/filings", group.token, source_id, text)
    assert status == 201, said


def test_what_is_filed_at_one_is_found_at_the_other_with_its_text(group: Group) -> None:
    file(group, "a", "first", "肝移植术后随访方案，于甲机归档。")
    began = time.monotonic()
    wait_for(lambda: group.machines["b"].finds("甲机归档", group.token), seconds=90, what="found at the other machine")
    took = time.monotonic() - began
    print(f"found at the other machine, with its text, after {took:.1f} s")
    assert group.scalar("SELECT count(*) FROM jobs_machine WHERE stopped_at IS NULL") == "3"


def test_renewing_one_after_the_other_refuses_nobody(group: Group) -> None:
    proxy = subprocess.Popen(
        [sys.executable, ASKING, "proxy", group.token, *(group.machines[name].url for name in "ab")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    a, b = group.machines["a"], group.machines["b"]
    assert a.process is not None
    renewed = (a.folder / "log").parent.parent / "a.log"
    a.process.send_signal(signal.SIGHUP)  # the machine renews itself
    wait_for(lambda: "the program was renewed" in renewed.read_text(errors="replace"), seconds=200, what="renewed")
    wait_for(a.ready, seconds=60, what="ready after being renewed")
    b.stop()  # the machine is taken out, e.g. for a new kernel, and comes back
    b.start()
    wait_for(b.ready, seconds=200, what="back in service")
    told, _nothing = proxy.communicate("\n", timeout=120)
    counted = json.loads(told)
    print({**counted, "filed": len(counted["filed"])})
    assert counted["refused"] == []
    assert counted["nobody_ready"] == 0
    assert counted["answered"] > 20
    for name in counted["filed"]:
        kept = f"SELECT count(*) FROM intake_submission WHERE source_id = '{name}' AND state = 'received'"
        assert group.scalar(kept) == "1"


def test_the_work_of_a_machine_that_is_killed_is_done_within_a_minute(group: Group) -> None:
    b, w = group.machines["b"], group.machines["w"]
    others = b.processes()
    for pid in others:
        os.kill(pid, signal.SIGSTOP)  # so that the machine which is killed takes the work
    words: list[str] = []
    held = "SELECT count(*) FROM jobs_job WHERE state = 'running' AND leased_by LIKE 'w:%' AND name = 'digitisation.extract'"
    for number in range(40):
        words.append(f"第{number}床护理记录单")
        file(group, "a", f"killed-{number}", f"{words[-1]}，全文。")
        if wait_briefly(lambda: group.scalar(held) != "0", seconds=3):
            break
    for pid in w.processes():
        os.kill(pid, signal.SIGSTOP)
    assert group.scalar(held) != "0", "it was never seen at work"
    w.kill()
    began = time.monotonic()
    for pid in others:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: group.scalar(held) == "0", seconds=60, what="taken over")
    print(f"taken over after {time.monotonic() - began:.1f} s")
    wait_for(lambda: all(b.finds(word, group.token) for word in words), seconds=240, what="done by the other machine")
    assert group.scalar("SELECT count(*) FROM jobs_job WHERE state = 'set_aside'") == "0"


def test_a_machine_that_is_cut_off_says_so_harms_nothing_and_catches_up(group: Group) -> None:
    if not group.network.real:
        pytest.skip("cables can be pulled only where network namespaces may be made")
    a, b = group.machines["a"], group.machines["b"]
    b.host.unplug()
    wait_for(lambda: b.ask("/readyz")[0] == 503, seconds=60, what="says that it is not ready")
    status, said = b.ask("/api/v1/search?q=first", group.token)
    assert (status, said["code"]) == (503, "database_unreachable")
    status, said = b.ask("/api/v1/filings", group.token, "cut-off", "不应归档")
    assert status == 503, said
    file(group, "a", "meanwhile", "断网期间归档的检验报告")
    assert a.finds("关于meanwhile的通知", group.token) or wait_for(
        lambda: a.finds("关于meanwhile的通知", group.token), seconds=30, what="found where it was filed"
    )
    b.host.plug()
    wait_for(b.ready, seconds=60, what="back in service")
    wait_for(lambda: b.finds("断网期间归档的检验报告", group.token), seconds=60, what="caught up")
    assert (
        group.scalar("SELECT count(*) FROM intake_submission WHERE source_id = 'cut-off' AND state = 'received'") == "0"
    )
    checked = subprocess.run(
        a.host.on([*PROGRAM, "audit", "verify", "--json"]),
        env=a.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_machine_with_keys_of_its_own_is_refused(group: Group, tmp_path: Path) -> None:
    a = group.machines["a"]
    stranger = Served(a.host, "worker", tmp_path / "stranger", {**a.environment})
    stranger.environment["YIDANG_MACHINE"] = "stranger"
    done = subprocess.run(
        a.host.on([*PROGRAM, "serve"]),
        env=stranger.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "keys" in done.stderr
    assert "Traceback" not in done.stderr
