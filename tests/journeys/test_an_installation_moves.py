"""An embedded installation becomes a large one: killed at every step, nothing is lost, doubled or changed."""

import copy
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import boto3
import psycopg
import pytest

from bench.client import Client, one
from tools.postgres import Cluster
from tools.s3 import ACCESS_KEY, SECRET_KEY
from tools.server import PROGRAM, Server

STEPS = 9
# Sites are settled anew over there, the log goes on, and what its index and tasks do there is its own.
GOES_ON = {"audit_entry", "audit_head", "vault_site", "vault_copy", "jobs_job", "audit_subtree", "audit_checkpoint"}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, demonstration: Callable[..., Server]) -> Server:
    """An embedded installation, made once; each test moves a copy of it."""
    return demonstration(tmp_path_factory.mktemp("embedded") / "old")


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


def _words(folder: Path, database: str, sites: str = "") -> list[str]:
    """The command that moves ``old`` to ``new``, both in this folder."""
    told = folder / "new.env"
    sites = sites or f"first={folder / 'first'},other={folder / 'other'}"
    told.write_text(
        f'YIDANG_DATA={folder / "new"}\nYIDANG_DATABASE="{database}"\nYIDANG_SITES="{sites}"\nYIDANG_CLAMD=off\n',
        encoding="utf-8",
    )
    return ["migrate-installation", str(told), "--data", str(folder / "old"), "--json"]


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
def test_a_move_that_is_killed_at_every_step_ends_with_the_same_archive(
    tmp_path: Path, database: str, embedded: Server
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(embedded.folder, old)
    words = _words(tmp_path, database)

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
        connection.execute("UPDATE vault_copy SET object_id = -1 WHERE id = (SELECT min(id) FROM vault_copy)")
        connection.commit()

    verified = _yidang("audit", "verify", "--json", environment=there)
    assert verified.returncode == 0, verified.stdout
    scrubbed = _yidang("vault", "scrub", "--all", "--json", environment=there)
    assert scrubbed.returncode == 0, scrubbed.stdout
    shutil.rmtree(old / "vault")  # nothing over there leans on it

    paper, filer = tmp_path / "paper.txt", embedded.accounts["archivist"].username
    paper.write_text("会议纪要", encoding="utf-8")
    filing = ["file", str(paper), "--class", "WS", "--title", "搬迁后的第一件", "--as", filer, "--json"]
    refused = _yidang(*filing, "--data", str(old), environment=_environment())
    assert refused.returncode == 1 and "has_moved" in refused.stdout
    taken = _yidang(*filing, environment=there)  # numbering goes on: no key is given out twice
    assert taken.returncode == 0, taken.stdout + taken.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_move_to_a_bucket_that_locks_is_killed_amid_the_bytes_and_ends_with_every_object_there(
    tmp_path: Path, database: str, embedded: Server, gateway: str
) -> None:
    old, bucket = tmp_path / "old", f"moved-{uuid4().hex[:12]}"
    shutil.copytree(embedded.folder, old)
    store = boto3.client(
        "s3",
        endpoint_url=gateway,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )
    store.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    keys = old / "keys" / "s3-cloud.json"
    keys.write_text(json.dumps({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}), encoding="utf-8")
    keys.chmod(0o600)
    sites = f"first={tmp_path / 'first'},cloud=s3://{bucket}/archive?endpoint={gateway}&lock_days=1"
    words = _words(tmp_path, database, sites)

    assert _killed_at(3, words)  # the second site's bytes
    ended = _yidang(*words, environment=_environment())
    report = json.loads(ended.stdout)
    assert report.get("faults") == [], ended.stdout + ended.stderr

    listed = [
        one["Key"]
        for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for one in page["Contents"]
    ]
    assert sum(key.endswith("/inventory.json") and "/v" not in key for key in listed) == report["arrived"]["objects"]
    body = next(key for key in listed if "/documents/" in key)
    assert store.get_object_retention(Bucket=bucket, Key=body)["Retention"]["Mode"] == "COMPLIANCE"
    assert (tmp_path / "new" / "keys" / "s3-cloud.json").read_bytes() == keys.read_bytes()
    there = _environment(YIDANG_DATA=str(tmp_path / "new"), YIDANG_DATABASE=database, YIDANG_SITES=sites)
    shutil.rmtree(old / "vault")
    shutil.rmtree(tmp_path / "first")  # the bucket alone has every byte
    (tmp_path / "first").mkdir()
    scrubbed = _yidang("vault", "scrub", "--site", "cloud", "--all", "--json", environment=there)
    assert scrubbed.returncode == 0, scrubbed.stdout + scrubbed.stderr


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.promise("A1")
def test_what_was_acknowledged_while_the_archive_moved_is_there(
    tmp_path: Path, database: str, embedded: Server
) -> None:
    shutil.copytree(embedded.folder, tmp_path / "old")
    serving = copy.copy(embedded)
    serving.folder = tmp_path / "old"
    serving.start()
    kept, refused, numbers = list[str](), Counter[str](), count(1)
    stop = threading.Event()

    def go_on_filing() -> None:
        client = Client(serving.connect(), serving.accounts["archivist"].token)
        while not stop.is_set():
            number = next(numbers)
            try:
                _took, status, content = client.post("/filings", one(number))
            except OSError:  # no answer, so nothing was acknowledged
                client = Client(serving.connect(), client.token)
                continue
            answer = json.loads(content)
            if status == 201:
                kept.append(answer["record"])
            else:
                refused[answer["code"]] += 1
                stop.wait(0.3)

    filing = threading.Thread(target=go_on_filing)
    filing.start()
    try:
        ended = _yidang(*_words(tmp_path, database), environment=_environment())
        reading = Client(serving.connect(), serving.accounts["archivist"].token).get("/api/v1/records?limit=1")
    finally:
        stop.set()
        filing.join()
        serving.stop()
    report = json.loads(ended.stdout)
    assert report.get("faults") == [], ended.stdout + ended.stderr
    assert kept and set(refused) == {"stands_still", "has_moved"}
    assert reading[1] == 503 and json.loads(reading[2])["code"] == "has_moved"
    with psycopg.connect(database) as connection:
        there = {str(row[0]) for row in connection.execute("SELECT public_id FROM catalogue_record").fetchall()}
        copies = connection.execute(
            "SELECT count(*) FROM catalogue_record r JOIN vault_storedobject o ON o.object_id = r.public_id "
            "JOIN vault_copy c ON c.object_id = o.id AND c.state = 'ok' WHERE r.public_id = ANY(%s)", [kept],
        ).fetchone()  # fmt: skip
    assert set(kept) <= there
    assert copies == (2 * len(kept),)
