"""kill -9 and a full disk at any call of a filing: what was acknowledged is all there, nothing is half, the next one works."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from yidang.intake.tests import child_filing as child

ROOT = Path(child.__file__).parents[3]
KILLS = "openat,write,pwrite64,rename,renameat,mkdir,mkdirat,fsync,fdatasync,syncfs,unlink,rmdir,linkat,ftruncate,flock"
ERRORS = [("pwrite64", "ENOSPC"), ("write", "ENOSPC"), ("fdatasync", "EIO"), ("syncfs", "EIO"), ("mkdir", "ENOSPC")]
POINTS = int(os.environ.get("FAULT_POINTS", "4"))
SEED = int(os.environ.get("FAULT_SEED", random.randrange(1 << 30)))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not shutil.which("strace"), reason="needs strace"),
]


@dataclass(frozen=True)
class Ran:
    """How a child ended, what it said last, what it acknowledged, and how often it called what after it began to file."""

    code: int
    said: str
    answers: list[dict]
    points: dict[str, list[int]]


class House:
    """An archive in a folder of its own, on SQLite, that other processes file into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("YIDANG_")},
            "YIDANG_DATA": str(folder), "YIDANG_CLAMD": "off", "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        self._run(
            ["-c", "import django; django.setup(); from django.core.management import call_command as call; "
             "from tests.archive import build_archive; from tests.cast import build_cast; "
             "call('migrate', verbosity=0); build_archive(build_cast())"]
        )  # fmt: skip

    def file(self, prefix: str, calls: str, *, inject: str = "", count: int = 2, tries: int = 1) -> Ran:
        """File under strace."""
        log = self.folder / "strace.log"
        command = ["strace", "-f", "-s", "40", "-qq", "-o", str(log), "-e", f"trace={calls},rmdir"]
        command += ["-e", f"inject={inject}"] if inject else []
        command += [sys.executable, "-m", child.__name__, prefix, str(count), str(tries)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, check=False, timeout=120)
        lines = log.read_text(errors="replace").splitlines()
        log.unlink()
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
        return Ran(
            done.returncode,
            done.stderr[-3000:].decode(errors="replace"),
            answers,
            {call: _points(lines, call) for call in calls.split(",")},
        )

    def file_and_look(self, prefix: str, *, count: int = 2) -> tuple[list[dict], dict]:
        """File unharmed, then recover as `serve` does and tell everything that must agree."""
        lines = self._run(["-m", child.__name__, prefix, str(count), "1", "look"])
        *answers, seen = [json.loads(line) for line in lines if line.startswith("{")]
        return answers, seen

    def look(self) -> dict:
        """Recover and look, without filing."""
        return self.file_and_look("nothing", count=0)[1]

    def _run(self, arguments: list[str]) -> list[str]:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.splitlines()


def _points(lines: list[str], call: str) -> list[int]:
    """Which numbers of a call fall into the filings; strace counts for each thread by itself."""
    begun = next((number for number, line in enumerate(lines) if child.BEGIN in line), len(lines))
    pattern = re.compile(rf"^(\d+) +{call}\(")
    seen: Counter[str] = Counter()
    points: set[int] = set()
    for number, line in enumerate(lines):
        if match := pattern.match(line):
            seen[match[1]] += 1
            if number > begun:
                points.add(seen[match[1]])
    early = sum(1 for line in lines[:begun] if pattern.match(line))
    return sorted(point for point in points if point > early)


def _sample(points: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """A sample that has as many different calls in it as possible."""
    chance = random.Random(SEED)
    chance.shuffle(points)
    first = dict(points)
    varied = list(first.items())
    return (varied + [point for point in points if point not in varied])[: POINTS or len(points)]


def assert_whole(seen: dict, acknowledged: dict[str, str], where: str) -> None:
    """What was acknowledged is there under its number, and nothing is half."""
    assert acknowledged.items() <= seen["received"].items(), where
    assert seen["records"] == len(seen["received"]) == seen["receipts"], where
    for empty in ("reserved", "rows without bytes", "objects without rows", "codes of nobody", "scrub", "log", "left"):
        assert not seen[empty], f"{where}: {empty}: {seen[empty]}"


@pytest.mark.promise("A1")
def test_killed_at_a_sample_of_points_nothing_acknowledged_is_lost_and_nothing_is_half(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    counted = house.file("count", KILLS)
    acknowledged = {answer["id"]: answer["accession_number"] for answer in counted.answers}
    assert len(acknowledged) == 2
    killed = 0
    for turn, (call, point) in enumerate(
        _sample([(name, at) for name in counted.points for at in counted.points[name]])
    ):
        where = f"seed {SEED}: {call} {point} of {counted.points[call]}"
        ran = house.file(f"kill-{turn}", call, inject=f"{call}:signal=KILL:when={point}")
        acknowledged |= {answer["id"]: answer["accession_number"] for answer in ran.answers}
        killed += ran.code != 0
        if turn % 4 == 3:
            assert_whole(house.look(), acknowledged, where)
        # The sender asks again under the same ids, before or after the recovery: each becomes one record.
        answers, seen = house.file_and_look(f"kill-{turn}")
        assert [answer["id"] for answer in answers] == [f"kill-{turn}-0", f"kill-{turn}-1"], where
        for answer in answers:
            number = answer.get("accession_number", "refused")
            assert acknowledged.setdefault(answer["id"], number) == number, f"{where}: {answer}"
        assert_whole(seen, acknowledged, where)
    assert killed >= min(4, POINTS or 4) * 0.75, f"seed {SEED}: only {killed} were killed"


@pytest.mark.promise("A3")
def test_a_full_disk_is_a_chinese_sentence_and_the_next_try_works(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    seen = house.file("count", ",".join(sorted({call for call, _ in ERRORS})))
    acknowledged = {answer["id"]: answer["accession_number"] for answer in seen.answers}
    chance = random.Random(SEED)
    for turn, (call, error) in enumerate(ERRORS):
        if not seen.points[call]:
            continue
        point = chance.choice(seen.points[call][:-1] or seen.points[call])
        where = f"seed {SEED}: {call} {error} {point} of {seen.points[call]}"
        ran = house.file(f"full-{turn}", call, inject=f"{call}:error={error}:when={point}", tries=3)
        assert ran.code == 0, f"{where}\n{ran.said}"
        for answer in ran.answers:
            if "refused" in answer:
                assert any("一" <= char <= "鿿" for char in answer["sentence"]), f"{where}: {answer}"
        acknowledged |= {answer["id"]: answer["accession_number"] for answer in ran.answers if "refused" not in answer}
        assert {f"full-{turn}-0", f"full-{turn}-1"} <= set(acknowledged), f"{where}: {ran.answers}"
        if turn % 3 == 2 or turn == len(ERRORS) - 1:  # each look is a start of the program
            assert_whole(house.look(), acknowledged, where)
