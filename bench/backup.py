"""Backups: the first one, one with nothing new, one after a little work, and the way back."""

from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures, with a vault of one object for each hundred records asked for."""
    yield from inside("backup", folder, max(100, records // 100))
