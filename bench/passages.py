"""Questions in whole sentences, as people ask them: how far up the passage with the answer stands."""

from collections.abc import Iterator
from pathlib import Path

from bench.machine import Machine
from bench.results import Figure
from bench.search import inside

QUESTIONS = 600


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """Mean reciprocal rank over the reading-comprehension sets, where they are at hand."""
    yield from inside("passages", folder, QUESTIONS)
