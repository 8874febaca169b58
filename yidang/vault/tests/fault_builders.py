"""Running the child under strace: what it calls, and what happens when the n-th call kills it or fails."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yidang.vault.tests import child_builders as child

ROOT = Path(child.__file__).parents[3]


@dataclass(frozen=True)
class Ran:
    """How a child ended, what it said, and the calls that were seen after it began to keep."""

    code: int
    answers: list[Any]
    calls: list[str]
    points: dict[str, list[int]]


def run(data: Path, flush: str, calls: str, *, inject: str = "", objects: int = 1, tries: int = 1) -> Ran:
    """Run the child.

    :param calls: system calls to watch, comma-separated
    :param inject: strace's injection, e.g. ``fsync:signal=KILL:when=3``
    """
    log = data / "strace.log"
    command = ["strace", "-f", "-y", "-s", "16", "-qq", "-o", str(log), "-e", f"trace={calls},rmdir"]
    if inject:
        command += ["-e", f"inject={inject}"]
    command += [sys.executable, "-m", child.__name__, str(data), flush, str(objects), str(tries)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    lines = log.read_text(errors="replace").splitlines()
    begun = next((number for number, line in enumerate(lines) if child.BEGIN in line), len(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    points = {call: _points(lines, begun, call) for call in calls.split(",")}
    return Ran(done.returncode, answers, lines[begun + 1 :], points)


def _points(lines: list[str], begun: int, call: str) -> list[int]:
    """Which numbers of a call hit something while objects are kept; strace counts for each thread by itself."""
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
