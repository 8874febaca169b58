"""The log: what an entry adds to an action, and verifying and exporting a million of them."""

from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside

ENTRIES = 1_000_000


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures; ten entries for each record asked for, which makes the million by default."""
    yield from inside("log", folder, min(ENTRIES, records * 10))
