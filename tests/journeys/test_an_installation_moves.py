"""An embedded installation becomes a large one: killed at every step, nothing is lost, doubled or changed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools.postgres import Cluster
from tools.server import PROGRAM, Server

STEPS = 9
# Sites are settled anew over there, the log goes on, and what its index and tasks do there is its own.
GOES_ON = {"audit_entry", "audit_head", "vault_site", "vault_copy", "jobs_job", "audit_subtree", "audit_checkpoint"}


@pytest.fixture
def database() -> Iterator[str]:
    cluster = Cluster()
    yield cluster.start()
    cluster.stop()


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"YIDANG_DATABASE", "YIDANG_DATA"}}
    return {**kept, "YIDANG_CLAMD": "off", **more}


def _yidang(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROGRAM), *words], env=environment, capture_output=True, text=True, check=False)


def _killed_at(step: int, words: list[str]) -> bool:
    """Start the move and kill it, and all that it started, when it begins its n-th step; False if it ended before."""
    process = subprocess.Popen(
        [str(PROGRAM), *words], env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    seen = 0
    for line in process.stderr:
        seen += not line.startswith("  ") and "slow statement" not in line
        if seen == step:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
    return process.wait() != 0


def _counts_of_old(data: Path) -> dict[str, int]:
    with sqlite3.connect(data / "database" / "yidang.sqlite3") as old:
        names = [row[0] for row in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: old.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.promise("C1", "J4")
def test_a_move_that_is_killed_at_every_step_ends_with_the_same_archive(tmp_path: Path, database: str) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    Server(old, records=3, environment={"YIDANG_DATABASE": ""})
    told = tmp_path / "new.env"
    told.write_text(
        f'YIDANG_DATA={new}\nYIDANG_DATABASE="{database}"\n'
        f"YIDANG_SITES=first={tmp_path / 'first'},other={tmp_path / 'other'}\nYIDANG_CLAMD=off\n",
        encoding="utf-8",
    )
    words = ["migrate-installation", str(told), "--data", str(old), "--json"]

    planned = _yidang(*words, "--dry-run", environment=_environment())
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["rows"] > 300
    assert not (old / "moving.json").exists() and not new.exists()

    killed = [_killed_at(step, words) for step in range(1, STEPS + 1)]
    assert sum(killed) >= 7, killed
    ended = _yidang(*words, environment=_environment())
    report = json.loads(ended.stdout)
    assert not report["faults"] and report["entries"] > 0, ended.stderr
    before, moved = _counts_of_old(old), {name: facts["rows"] for name, facts in report["tables"].items()}
    assert moved and all(before[name] == count for name, count in moved.items())

    there = _environment(YIDANG_DATA=str(new), YIDANG_DATABASE=database)
    there["YIDANG_SITES"] = f"first={tmp_path / 'first'},other={tmp_path / 'other'}"
    with psycopg.connect(database) as connection:
        for name in moved.keys() - GOES_ON:
            assert connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (before[name],), name
        head = connection.execute("SELECT hash FROM audit_entry WHERE seq = %s", [report["entries"]]).fetchone()
        assert head == (report["head"],)
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("UPDATE audit_entry SET actor = 'nobody'")
    # What the move put aside while loading is back: a reference into nothing is refused.
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute("UPDATE vault_copy SET object_id = -1")
        connection.commit()

    verified = _yidang("audit", "verify", "--json", environment=there)
    assert verified.returncode == 0, verified.stdout
    scrubbed = _yidang("vault", "scrub", "--all", "--json", environment=there)
    assert scrubbed.returncode == 0, scrubbed.stdout
    shutil.rmtree(old / "vault")  # nothing over there leans on it

    paper = tmp_path / "paper.txt"
    paper.write_text("会议纪要", encoding="utf-8")
    filing = ["file", str(paper), "--class", "WS", "--title", "搬迁后的第一件", "--json"]
    refused = _yidang(*filing, "--data", str(old), environment=_environment())
    assert refused.returncode == 1 and "has_moved" in refused.stdout
    taken = _yidang(*filing, environment=there)  # numbering goes on: no key is given out twice
    assert taken.returncode == 0, taken.stdout + taken.stderr
