"""The scrub of a site against sha512sum on the same files, and the rebuild of a database from one site."""

from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures, with one object for each five hundred records asked for; the rebuild with a tenth of them."""
    yield from inside("scrub", folder / "scrub", max(50, records // 500))
    yield from inside("rebuild", folder / "rebuild", max(100, records // 10))
