"""The long form: `make torture`, with SEED, ONLY and N."""

import os
import shutil
from pathlib import Path

import pytest

from tests.torture import answers, backup, bucket, clock, faults, flips, kill, power, upgrade
from tests.torture.house import Furnished
from tests.torture.reporting import Report
from tests.torture.test_short import conclude

pytestmark = [
    pytest.mark.torture,
    pytest.mark.slow,
    pytest.mark.timeout(0),
    pytest.mark.skipif(not shutil.which("strace"), reason="needs strace"),
]


def points(usual: int) -> int:
    """How many points: N, or what the attack usually has."""
    return int(os.environ.get("TORTURE_N") or usual)


@pytest.mark.promise("A1", "A4", "E4")
def test_kill(furnished_as_asked: Furnished, tmp_path: Path) -> None:
    """A1, A4, E4: 1,000 deaths of every process, during everything the program does; on SQLite, or with DATABASE=postgresql."""
    report = Report("kill")
    kill.attack(furnished_as_asked, tmp_path, points(1000), report)
    conclude(report)


@pytest.mark.promise("A4")
def test_answers(furnished_as_asked: Furnished, tmp_path: Path) -> None:
    """A4: 1,000 answers are lost, and as many records are there; on SQLite, or with DATABASE=postgresql."""
    report = Report("answers")
    answers.attack(furnished_as_asked, tmp_path, points(1000), report)
    conclude(report)


@pytest.mark.promise("A2")
def test_power(furnished: Furnished, tmp_path: Path) -> None:
    """A2: 300 power cuts on a disk that keeps only what was flushed."""
    if not power.can_mount(tmp_path / "tried"):
        pytest.skip("a disk cannot be mounted here: /dev/fuse and the right to mount are needed")
    report = Report("power")
    power.attack(furnished, tmp_path, points(300), report)
    conclude(report)


@pytest.mark.promise("A3")
def test_faults(furnished: Furnished, tmp_path: Path) -> None:
    """A3: every call of a kind fails, the n-th for n = 1, 2, … until a filing has no fault; then a full disk."""
    report = Report("faults")
    faults.attack(furnished, tmp_path, points(1000), report)
    conclude(report)


@pytest.mark.promise("B1", "B2", "B3")
def test_flips(furnished: Furnished, tmp_path: Path) -> None:
    """B1, B2, B3: 1,000 damages of eight kinds to every class of file, 1,000 bits of the database."""
    report = Report("flips")
    flips.attack(furnished, tmp_path, points(1000), report)
    conclude(report)


@pytest.mark.promise("B1", "B3")
def test_bucket(tmp_path: Path) -> None:
    """B3: eight kinds of damage, fifty times each, to the copies in a bucket of a real S3 server, with PostgreSQL."""
    report = Report("bucket")
    bucket.attack(tmp_path, points(400), report)
    conclude(report)


@pytest.mark.promise("E4", "E3")
def test_backup(furnished: Furnished, tmp_path: Path) -> None:
    """E3, E4: 300 backups killed while records arrive; earlier ones come back, no half one is offered."""
    report = Report("backup")
    backup.attack(furnished, tmp_path, points(300), report)
    conclude(report)


@pytest.mark.promise("C10")
def test_clock(furnished: Furnished, tmp_path: Path) -> None:
    """C10: 40 jumps of the clock, forward and back, by an hour, a day, to a leap day."""
    report = Report("clock")
    clock.attack(furnished, tmp_path, points(40), report)
    conclude(report)


@pytest.mark.promise("J1")
def test_upgrade(furnished_as_asked: Furnished, tmp_path: Path) -> None:
    """J1: 100 upgrades of 100,000 records are killed; on SQLite, or with DATABASE=postgresql."""
    report = Report("upgrade")
    upgrade.attack(furnished_as_asked, tmp_path, points(100), report, records=100_000)
    conclude(report)
