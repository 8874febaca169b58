"""Killed, starved or lied to by the disk at any call: nothing acknowledged is lost, nothing else is left."""

import os
import random
import re
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction

from yidang import vault
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault.kept import KeptObject
from yidang.vault.models import StoredObject
from yidang.vault.root import STAGING, Root
from yidang.vault.tests import fault_builders as faults
from yidang.vault.tests.conftest import assert_valid, new_object

Pair = tuple[Root, Root]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("strace"), reason="needs strace"),
]
KILLS = "write,openat,mkdir,mkdirat,renameat,rename,linkat,fsync,syncfs,ftruncate,pwrite64,sendfile"
ERRORS = [
    ("write", "ENOSPC"), ("write", "EIO"), ("mkdirat", "ENOSPC"), ("mkdir", "ENOSPC"), ("renameat", "EIO"), ("rename", "EIO"),
    ("linkat", "ENOSPC"), ("fsync", "EIO"), ("syncfs", "EIO"), ("pwrite64", "ENOSPC"), ("sendfile", "ENOSPC"),
]  # fmt: skip
# How many points each test takes; the long form sets it to 0 for all of them.
SAMPLE = int(os.environ.get("FAULT_POINTS", "6"))
SEED = int(os.environ.get("FAULT_SEED", random.randrange(1 << 30)))


@pytest.fixture
def ready(kept_vault: Pair, data: Path) -> Path:
    (data / "large.bin").write_bytes(bytes(range(256)) * 20_000)
    return data


def chosen(points: list[tuple[str, str, int]], flush: str) -> list[tuple[str, str, int]]:
    """A fresh sample that has as many different calls in it as possible."""
    chance = random.Random(f"{SEED}{flush}")
    chance.shuffle(points)
    if not SAMPLE:
        return points
    first = {(call, error): point for call, error, point in points}
    varied = [(call, error, point) for (call, error), point in first.items()]
    chance.shuffle(varied)
    return varied[:SAMPLE]


def acknowledge(answers: list) -> list[UUID]:
    """Make the rows of what the child was told is kept, as the filing would have."""
    now = clock.now()
    kept = [
        KeptObject(UUID(object_id), "record", head, digest, size, (), ("main", "second"), now)
        for answer in answers if isinstance(answer, list)
        for object_id, digest, size, head in answer
    ]  # fmt: skip
    with transaction.atomic():
        vault.register(kept)
    return [one.object_id for one in kept]


def assert_only_these(pair: Pair, ids: list[UUID]) -> None:
    """Exactly these objects are there, whole on both sites, and nothing unfinished."""
    vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))
    assert sorted(StoredObject.objects.values_list("object_id", flat=True)) == sorted(ids)
    for root in pair:
        assert assert_valid(root.path) == len(ids)
        assert list((root.path / STAGING).iterdir()) == []
        for object_id in ids:
            assert root.object_folder(object_id).is_dir()
    later = clock.now() + timedelta(hours=2)
    assert [state.findings for state in vault.scrub(actor=Actor.system("test"), now=later)] == [0, 0]


def _clean() -> None:
    """Remove what the counting run kept without a row."""
    vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))


@pytest.mark.slow
@pytest.mark.promise("A1")
def test_killed_at_a_call_nothing_acknowledged_is_lost_and_no_half_object_stays(
    kept_vault: Pair, ready: Path, each_flush
) -> None:
    seen = faults.run(ready, each_flush, KILLS).points
    _clean()
    acknowledged: list[UUID] = []
    for call, _, point in chosen([(name, "", point) for name in seen for point in seen[name]], each_flush):
        ran = faults.run(ready, each_flush, call, inject=f"{call}:signal=KILL:when={point}", objects=2)
        acknowledged += acknowledge(ran.answers)
        assert ran.code != 0, f"seed {SEED}: {call} {point} of {seen[call]} did not kill"
        assert_only_these(kept_vault, acknowledged)
    ran = faults.run(ready, each_flush, "write")
    acknowledged += acknowledge(ran.answers)
    assert ran.code == 0
    assert_only_these(kept_vault, acknowledged)


@pytest.mark.slow
@pytest.mark.promise("A3")
def test_a_disk_error_is_a_refusal_not_a_receipt_and_the_next_try_works(
    kept_vault: Pair, ready: Path, each_flush
) -> None:
    seen = faults.run(ready, each_flush, ",".join(sorted({call for call, _ in ERRORS}))).points
    seen["write"] = seen["write"][:-1]  # the last one is the child's own answer
    _clean()
    acknowledged: list[UUID] = []
    points = [(call, error, point) for call, error in ERRORS for point in seen[call]]
    for call, error, point in chosen(points, each_flush):
        where = f"seed {SEED}: {call} {error} {point} of {seen[call]}"
        ran = faults.run(ready, each_flush, call, inject=f"{call}:error={error}:when={point}", tries=5)
        assert ran.code == 0, where
        refused = {answer["refused"] for answer in ran.answers if isinstance(answer, dict)}
        assert refused == {"vault.site_full" if error == "ENOSPC" else "vault.write_failed"}, where
        assert isinstance(ran.answers[-1], list), "the next try works"
        acknowledged += acknowledge(ran.answers)
        assert_only_these(kept_vault, acknowledged)


def test_each_file_is_flushed_before_the_rename_and_the_folders_before_the_answer(
    kept_vault: Pair, ready: Path
) -> None:
    ran = faults.run(ready, "each", "fsync,rename,renameat,write,mkdir")
    object_id = ran.answers[0][0][0]
    lines = ran.calls
    answer = next(number for number, line in enumerate(lines) if re.search(r" write\(1<", line))
    for root in kept_vault:
        folder = root.object_folder(UUID(object_id))
        [placed] = [number for number, line in enumerate(lines) if " rename(" in line and f'"{folder}") = 0' in line]
        synced = {
            number: match[1] for number, line in enumerate(lines) if (match := re.search(r" fsync\(\d+<([^>]*)>", line))
        }
        base = next(path for path in synced.values() if path.startswith(f"{root.path}/{STAGING}/"))
        base = "/".join(base.split("/")[: len(str(root.path / STAGING).split("/")) + 1])
        moves = [
            match
            for line in lines
            if (match := re.search(r' renameat\(\d+<([^>]*)>, "([^"]*)", \d+<[^>]*>, "([^"]*)"', line))
        ]
        files = {
            place: f"{base}/{flat}"
            for where, flat, place in (match.groups() for match in moves)
            if where == base and "/" in place
        }
        content = [
            flat for place, flat in files.items() if (folder.parent / folder.name / place.partition("/")[2]).is_file()
        ]
        assert len(content) >= 6
        for flat in content:
            assert any(path == flat and number < placed for number, path in synced.items()), flat
        for made in ("", "/v1", "/v1/content", "/v1/content/documents"):
            assert any(path == f"{base}/{object_id}{made}" and number < placed for number, path in synced.items()), made
        for parent in (folder.parent, folder.parent.parent, root.path):
            assert any(path == str(parent) and placed < number < answer for number, path in synced.items()), parent


def test_a_group_is_flushed_before_the_rename_and_again_before_the_answer(kept_vault: Pair, ready: Path) -> None:
    ran = faults.run(ready, "group", "syncfs,rename,write,renameat,linkat")
    lines = ran.calls
    answer = next(number for number, line in enumerate(lines) if re.search(r" write\(1<", line))
    flushed = [number for number, line in enumerate(lines) if " syncfs(" in line and number < answer]
    object_id = ran.answers[0][0][0]
    placed = [
        number
        for number, line in enumerate(lines)
        if " rename(" in line and f"%3a{object_id}" in line and line.endswith("= 0")
    ]
    written = [
        number for number, line in enumerate(lines[: placed[0]]) if re.search(r" (write|renameat|linkat)\(", line)
    ]
    assert len(placed) == 2 and len(flushed) == 2
    assert max(written) < flushed[0] < min(placed) and max(placed) < flushed[1] < answer


def test_a_sweep_reports_first_and_leaves_living_writers_alone(kept_vault: Pair, ready: Path) -> None:
    ran = faults.run(ready, "group", "write", objects=2)
    lost = sorted(UUID(one[0]) for one in ran.answers[0])
    [mine] = vault.keep([new_object()])
    later = clock.now() + timedelta(hours=2)
    assert vault.sweep(remove=False).objects == []
    assert vault.sweep(remove=False, now=later).objects == lost
    assert vault.sweep(now=later).objects == lost
    for root in kept_vault:
        assert root.object_folder(mine.object_id).is_dir()
        assert not any(root.object_folder(object_id).exists() for object_id in lost)
        assert_valid(root.path)
    with transaction.atomic():
        vault.register([mine])
