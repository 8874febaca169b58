"""A log of a given length in SQLite, written by the program's own writer, then verified, exported and checked alone."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from bench.results import percentile
from yidang import audit
from yidang.audit import checkpoints, exporting, tree
from yidang.audit.models import Entry, Head
from yidang.audit.verify import Seen, Walk
from yidang.common.actor import Actor

LIN = Actor("person", "lin", "林静", 1, address="10.0.0.7", session="s-1")
TRIES = 300
SUSTAINED = 10  # seconds
BATCH = 500


def _say(name: str, value: float, unit: str, aim: float | None = None, at_least: bool = False, note: str = "") -> None:
    print(json.dumps([name, value, unit, aim, at_least, note]), flush=True)


def _event(number: int) -> audit.Event:
    facts = {"fields": ["title", "keywords"], "code": f"Y012-WS-2026-D30-{number:07d}", "channel": "api"}
    return audit.Event("catalogue.record.described", LIN, "record", f"{number:036d}", facts=facts, row="0" * 64)


def _append() -> None:
    """What one entry adds to a transaction that writes a row anyway."""
    bare, full = [], []
    for number in range(TRIES):
        for times, write in ((bare, False), (full, True)):
            began = time.perf_counter()
            with transaction.atomic():
                Head.objects.filter(pk=2).update(size=number)
                if write:
                    audit.write_many([_event(number)])
            times.append((time.perf_counter() - began) * 1000)
    _say("an entry adds to an action, p50", percentile(full, 0.5) - percentile(bare, 0.5), "ms", 1.0, note=f"n={TRIES}")


def _sustain() -> None:
    """Acts of one entry each, one after another: every one is flushed before the next is begun."""
    before, began = Head.objects.get(pk=1).size, time.perf_counter()
    while time.perf_counter() - began < SUSTAINED:
        with transaction.atomic():
            audit.write_many([_event(0)])
    took = time.perf_counter() - began
    _say(
        "acknowledged entries, one act each", (Head.objects.get(pk=1).size - before) / took, "1/s", 300, True,
        f"for {SUSTAINED} s",
    )  # fmt: skip


def main(entries: int) -> None:
    """Print the figures."""
    call_command("migrate", verbosity=0)
    Head.objects.create(pk=2, size=0, hash="")
    _append()
    _sustain()
    first = Head.objects.get(pk=1).size
    began, there = time.perf_counter(), Head.objects.get(pk=1).size
    while there < entries:
        with transaction.atomic():
            audit.write_many([_event(number) for number in range(there, min(there + BATCH, entries))])
        there = Head.objects.get(pk=1).size
    _say("entries written in batches of 500", (entries - first) / (time.perf_counter() - began), "1/s")
    began = time.perf_counter()
    taken = checkpoints.take()
    _say(f"first checkpoint of {entries:,} entries", time.perf_counter() - began, "s")
    with transaction.atomic():
        audit.write_many([_event(0)])
    began = time.perf_counter()
    checkpoints.take()
    _say("a checkpoint one entry later", (time.perf_counter() - began) * 1000, "ms", 50)
    began = time.perf_counter()
    tree.inclusion(entries // 3, taken.size)
    _say("a proof of one entry", (time.perf_counter() - began) * 1000, "ms", 50)
    walk = Walk([Seen(taken.size, bytes.fromhex(taken.root), "bench")])
    began = time.process_time()
    faults = list(walk)
    took = time.process_time() - began
    if faults or walk.entries != Entry.objects.count():
        raise RuntimeError(f"the log is not whole: {faults[:3]}")
    _say(f"verify {entries:,} entries, one core", took, "s", 60 * entries / 1_000_000)
    _say("entries verified, one core", walk.entries / took, "1/s", 100_000, True, "chain, tree, personal facts")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say("memory at most so far", peak, "MiB", 600, note="256 MiB of it are SQLite's map of the file")
    with tempfile.TemporaryDirectory(dir=settings.DATA) as place:
        folder = Path(place) / "export"
        began = time.perf_counter()
        exporting.export_log(folder, actor=Actor.system("bench"))
        _say(f"export {entries:,} entries", time.perf_counter() - began, "s", 60 * entries / 1_000_000)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-S", str(folder / "verify_audit.py")], check=True, capture_output=True)
        _say("verify_audit.py on the export", time.perf_counter() - began, "s", 60 * entries / 1_000_000)
