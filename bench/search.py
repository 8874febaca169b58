"""Searching a generated hospital: speed for both kinds of person, exactness, size on disk."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.machine import Machine
from bench.results import Figure


def inside(part: str, folder: Path, number: int) -> Iterator[Figure]:
    """Run a part inside Yidang on a data folder and read its figures.

    :raises RuntimeError: it failed
    """
    for name, value, unit, aim, at_least, note in told_inside(part, folder, number):
        yield Figure(name, value, unit, aim, at_least, note)


def told_inside(part: str, folder: Path, number: int) -> Iterator[list[Any]]:
    """The same for a part that tells something other than figures: each line of JSON that it prints."""
    environment = {**os.environ, "YIDANG_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.inside", part, str(number)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)
    if process.wait():
        raise RuntimeError(f"bench.inside {part} ended with {process.returncode}; its reasons stand above.")


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures of searching; aims are for 1,000,000 records, printed at any size."""
    yield Figure("generated records", records, "records")
    yield from inside("search", folder, records)
