"""The sample of the attack suite that every check runs; `make torture` is the long form."""

import shutil
from pathlib import Path

import pytest

from tests.torture import faults, flips, kill, power, upgrade
from tests.torture.house import Furnished
from tests.torture.reporting import Report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not shutil.which("strace"), reason="needs strace"),
]


def conclude(report: Report) -> None:
    """Tell what was done, and fail with what was found."""
    report.say(str(report))
    assert not report.faults, f"{report}\n" + "\n".join(report.faults)


@pytest.mark.promise("A1", "A4")
def test_whoever_is_killed_nothing_acknowledged_is_lost(furnished: Furnished, tmp_path: Path) -> None:
    """A1, A4: processes of the real program die while it files; senders ask again until each has its one receipt."""
    report = Report("kill")
    kill.attack(furnished, tmp_path, 3, report, served_only=True)
    conclude(report)


@pytest.mark.promise("A2")
def test_after_a_power_cut_everything_acknowledged_is_there(furnished: Furnished, tmp_path: Path) -> None:
    """A2: the real program on a disk that forgets what was not flushed."""
    if not power.can_mount(tmp_path / "tried"):
        pytest.skip("a disk cannot be mounted here: /dev/fuse and the right to mount are needed")
    report = Report("power")
    power.attack(furnished, tmp_path, 2, report, cuts=2)
    conclude(report)


@pytest.mark.promise("A3")
def test_a_call_that_fails_is_a_refusal_in_chinese_and_the_next_try_works(furnished: Furnished, tmp_path: Path) -> None:
    """A3: calls of the real program fail with «full» and «I/O error»."""
    report = Report("faults")
    faults.attack(furnished, tmp_path, 6, report, full_disk=False)
    conclude(report)


@pytest.mark.promise("B1", "B2", "B3")
def test_every_damage_is_found_by_one_scrub_and_healed_by_one_repair(furnished: Furnished, tmp_path: Path) -> None:
    """B1, B2, B3: each class of file, each kind of damage; and bits of the database file."""
    report = Report("flips")
    flips.attack(furnished, tmp_path, 50, report, rows=50)
    conclude(report)


@pytest.mark.promise("J1")
def test_an_upgrade_that_is_killed_is_made_whole_by_the_next_one(furnished: Furnished, tmp_path: Path) -> None:
    """J1: the command that brings the tables up dies at a call; again it ends with the same tables and every row."""
    report = Report("upgrade")
    upgrade.attack(furnished, tmp_path, 3, report, packages=3)
    conclude(report)
