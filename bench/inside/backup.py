"""A database and a vault of some size, backed up again and again, and restored aside."""

import json
import os
import time
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from yidang import audit, vault
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity.backing_up import back_up
from yidang.continuity.drilling import drill
from yidang.continuity.models import BackupRun

WORD, BENCH = "bench", Actor.system("bench")
SIZE = 200_000


def _say(name: str, value: float, unit: str, aim: float | None = None, at_least: bool = False, note: str = "") -> None:
    print(json.dumps([name, value, unit, aim, at_least, note]), flush=True)


def _work(objects: int, entries: int) -> int:
    """Keep objects and write entries; answers about how many bytes that were."""
    for first in range(0, objects, 50):
        new = [
            vault.NewObject(
                uuid4(), [vault.NewFile("documents/0001.bin", os.urandom(SIZE))], "bench", "bench", clock.now()
            )
            for _number in range(first, min(first + 50, objects))
        ]
        with transaction.atomic():
            vault.register(vault.keep(new))
    for first in range(0, entries, 500):
        with transaction.atomic():
            audit.write_many([audit.Event("bench.thing.done", BENCH, facts={"n": first + at}) for at in range(500)])
    return objects * SIZE + entries * 1000


def _take(place: Path, name: str) -> BackupRun:
    began = time.perf_counter()
    run = back_up(str(place), WORD, actor=BENCH)
    _say(f"{name}, {run.bytes / 1e6:.0f} MB", time.perf_counter() - began, "s", note=f"{run.added / 1e6:.1f} MB new")
    return run


def main(objects: int) -> None:
    """Print the figures: the same work backed up on an archive that grows, then the way back."""
    call_command("migrate", verbosity=0)
    vault.prepare_sites()
    place = Path(settings.DATA).parent / "backups"
    there = 0
    for size in (objects // 4, objects // 2, objects):
        _work(size - there, (size - there) * 20)
        there = size
        _take(place, f"{size} objects, all that came since")
        _take(place, f"{size} objects, nothing new")
        made = _work(max(1, objects // 100), 500)
        there += max(1, objects // 100)
        after = _take(place, f"{size} objects, the same work each time")
        _say(f"{size} objects, new bytes for each byte of work", after.added / made, "", 3.0)
    done = drill(str(place), WORD, actor=BENCH)
    if not done.is_well:
        raise RuntimeError(f"the drill is red: {done.error} {done.differences[:3]}")
    _say("the way back, every byte compared", done.seconds, "s", note=f"{done.entries:,} entries")
    # 100 GB in 30 minutes; a small archive pays more for the start of the program than for its bytes.
    _say(
        "the way back",
        after.bytes / 1e6 / done.seconds,
        "MB/s",
        55.6,
        at_least=True,
        note=f"{after.bytes / 1e6:.0f} MB",
    )
