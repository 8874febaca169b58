"""The long form: `make torture`, with SEED, ONLY and N."""

import os
import shutil
from pathlib import Path

import pytest

from tests.torture import kill
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
def test_kill(furnished: Furnished, tmp_path: Path) -> None:
    """A1, A4, E4: 1,000 deaths of every process, during everything the program does."""
    report = Report("kill")
    kill.attack(furnished, tmp_path, points(1000), report)
    conclude(report)
