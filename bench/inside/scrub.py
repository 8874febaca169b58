"""A vault of records in the sizes that offices file, read once by the scrub and once by sha512sum, both from the disk."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from django.core.management import call_command
from django.db import transaction

from yidang import vault
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id
from yidang.vault import scrubbing, sites

# Of ten objects six hold 100 kB, three 1 MB, one 10 MB.
SIZES = (100_000,) * 6 + (1_000_000,) * 3 + (10_000_000,)
SCRUB = Actor.system("scrub")


def _say(name: str, value: float, unit: str, aim: float | None = None, at_least: bool = False, note: str = "") -> None:
    print(json.dumps([name, value, unit, aim, at_least, note]), flush=True)


def _fill(objects: int) -> None:
    for first in range(0, objects, 10):
        kept = vault.keep(
            [
                vault.NewObject(
                    new_public_id(),
                    [
                        vault.NewFile("record.json", b"{}" * 500), vault.NewFile("metadata.xml", b"<m/>" * 400),
                        vault.NewFile("documents/0001.pdf", os.urandom(SIZES[number % 10])),
                    ],
                    "received", "bench", clock.now(),
                )
                for number in range(first, min(first + 10, objects))
            ]
        )  # fmt: skip
        with transaction.atomic():
            vault.register(kept)


def _forget(root: Path) -> list[str]:
    """All files of the objects, their bytes no longer in the system's memory."""
    os.sync()
    files = [str(path) for path in root.glob("??/??/**/*") if path.is_file()]
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return files


def main(objects: int) -> None:
    """Print the figures."""
    call_command("migrate", verbosity=0)
    vault.prepare_sites()
    _fill(objects)
    root = sites.roots()[0].path
    best: dict[str, float] = {"theirs": 1e9, "ours": 1e9}
    size = 0
    for _turn in range(3):
        names = "\0".join(_forget(root)).encode()
        began = time.perf_counter()
        subprocess.run(["xargs", "-0", "sha512sum"], input=names, stdout=subprocess.DEVNULL, check=True)
        best["theirs"] = min(best["theirs"], time.perf_counter() - began)
        _forget(root)
        began = time.perf_counter()
        [state] = scrubbing.scrub(actor=SCRUB, site="main", anew=True)
        best["ours"] = min(best["ours"], time.perf_counter() - began)
        size = state.bytes
        assert state.finished and not state.findings
    note = f"{objects} objects, {size / 1e6:.0f} MB: 6 of 10 with 100 kB, 3 with 1 MB, 1 with 10 MB; {scrubbing.THREADS} threads"
    _say("sha512sum reads", size / best["theirs"] / 1e6, "MB/s", note="one process, files from the disk")
    _say("the scrub reads", size / best["ours"] / 1e6, "MB/s", note=note)
    _say("the scrub, of what sha512sum reads", best["theirs"] / best["ours"] * 100, "%", 80, True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
