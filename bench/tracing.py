"""What the tracing mark survives, how often it names somebody wrongly, what it costs."""

from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures; one drawn page for each five thousand records asked for, which makes twenty by default."""
    yield from inside("tracing", folder, max(1, records // 5000))
