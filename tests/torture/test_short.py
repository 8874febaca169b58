"""The sample of the attack suite that every check runs; `make torture` is the long form."""

import shutil
from pathlib import Path

import pytest

from tests.torture import kill
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
    kill.attack(furnished, tmp_path, 4, report, served_only=True)
    conclude(report)
