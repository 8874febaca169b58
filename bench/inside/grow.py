"""Add generated records to a hospital that is there, and put them into its index."""

from bench.inside.hospital import fill
from yidang.search import indexing


def main(records: int) -> None:
    """Fill and index; prints nothing."""
    for _ in fill(records):
        pass
    indexing.rebuild()
