"""The index over everything that is there, built anew."""

import time

from bench.inside.hospital import CHARACTERS
from bench.inside.search import say
from yidang.catalogue.models import Record
from yidang.search import indexing


def main(_records: int) -> None:
    """Build and tell how fast and how large."""
    total, start = Record.objects.count(), time.perf_counter()
    status = indexing.rebuild()
    say("index built from the catalogue", total / (time.perf_counter() - start), "records/s", 2000, at_least=True)
    say("index, each record", status.bytes / total, "bytes", note=f"{CHARACTERS} characters of text each")
