"""Whether parting the log and the use register by year would pay, on PostgreSQL: the same rows in one table and in ten."""

import os
from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside
from tools.server import CannotStart


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures at the asked number of entries."""
    if not os.environ.get("YIDANG_DATABASE", "").startswith("postgresql"):
        raise CannotStart("only PostgreSQL parts tables; add --database=postgresql.")
    yield Figure("entries", records, "entries")
    yield from inside("partitions", folder, records)
