"""What permission adds to a page of a list: the same page without any, as archivist, as a colleague, and with 10,000 grants."""

from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures at the asked number of generated records; the aim is for 1,000,000."""
    yield Figure("generated records", records, "records")
    yield from inside("permission", folder, records)
