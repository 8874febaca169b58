"""What the disk gives: flushing a file, a rename that is flushed, a committed SQLite transaction."""

import os
import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine, fdatasync_times
from bench.results import Figure, spread


def _renames(folder: Path, count: int) -> list[float]:
    """Milliseconds of: write 20 kB, flush, rename, flush the folder; the least that keeping one file costs."""
    descriptor = os.open(folder, os.O_RDONLY)
    content = os.urandom(20_000)
    times = []
    try:
        for number in range(count):
            start = time.perf_counter()
            with (folder / f"{number}.part").open("wb") as part:
                part.write(content)
                part.flush()
                os.fdatasync(part.fileno())
            (folder / f"{number}.part").rename(folder / f"{number}.pdf")
            os.fsync(descriptor)
            times.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(descriptor)
    return times


def _commits(folder: Path, count: int) -> list[float]:
    """Milliseconds of one committed row with synchronous=FULL."""
    connection = sqlite3.connect(folder / "probe.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE probe (id INTEGER PRIMARY KEY, content TEXT)")
    times = []
    for number in range(count):
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO probe (content) VALUES (?)", (f"row {number}",))
        connection.execute("COMMIT")
        times.append((time.perf_counter() - start) * 1000)
    connection.close()
    return times


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The disk's own figures; no aims, the others are measured against them."""
    folder.mkdir(parents=True)
    yield Figure("fdatasync of 4 KiB, p50", statistics.median(fdatasync_times(folder, 300)), "ms")
    yield from spread("write 20 kB, flush, rename, flush the folder", _renames(folder, 200))
    yield from spread("SQLite commit, synchronous=FULL", _commits(folder, 200))
