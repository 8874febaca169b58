"""Faults of the disk: the n-th call of a kind fails with «full» or «I/O error», n = 1, 2, … until a run has no fault; and
a disk that really is full.

A sender that was refused must have been told so in Chinese, must find the same filing taken a moment later, and nothing that
was acknowledged may be missing.
"""

import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture import checking, tracing
from tests.torture.client import Filing, Ledger, Load, Sender
from tests.torture.house import Furnished, House, NotWell, Operator
from tests.torture.reporting import MOST_FAULTS, Report

# The server's own `write` also carries its network and its threads' signals; files written by it are attacked by the disk
# that really is full, and by the command.
SERVED = [
    ("pwrite64", "ENOSPC"), ("fdatasync", "EIO"), ("fsync", "EIO"), ("rename", "ENOSPC"), ("renameat", "EIO"), ("mkdir", "ENOSPC"),
    ("mkdirat", "ENOSPC"), ("linkat", "ENOSPC"), ("ftruncate", "EIO"), ("pwrite64", "EIO"), ("fdatasync", "ENOSPC"),
]  # fmt: skip
# A filing makes some dozens of these; who is still refused beyond has found a call that never works.
MOST_CALLS = 60
SMALL_DISK = "700m"


def attack(furnished: Furnished, folder: Path, points: int, report: Report, *, full_disk: bool = True) -> None:
    """Let calls fail until so many failed, each kind to its end; then fill the disk."""
    place = folder / "faults"
    place.mkdir(parents=True)
    ledger = Ledger()
    try:
        with House(furnished, place / "data", place / "log", YIDANG_FLUSH="each") as house, Operator(house) as operator:
            house.start()
            _each_call(house, operator, ledger, points, report)
    except NotWell as fault:
        report.fault(NotWell(f"{report.where()}: {fault}"))
    report.notes["acknowledged"] += len(ledger.receipts)
    if full_disk:
        try:
            _full_disk(furnished, folder / "full", report)
        except NotWell as fault:
            report.fault(NotWell(f"{report.where('a full disk')}: {fault}"))


def _each_call(house: House, operator: Operator, ledger: Ledger, points: int, report: Report) -> None:
    chance = report.chance()
    sender = Sender(house, ledger, chance, "f")
    sender.file(sender.next())
    kinds = chance.sample(SERVED, min(points, len(SERVED)))
    share = max(1, points // len(kinds))
    for call, error in kinds:
        # All of them in the long form; a sample has chosen numbers instead of the first.
        numbers = range(1, MOST_CALLS) if share > 20 else sorted(chance.sample(range(1, 20), min(share, 19)))
        for number in numbers:
            where = report.where(f"{call} {error} {number}")
            failed, refused = _one(house, sender, sender.next(), call, error, number, where)
            if not failed and share > 20:
                break
            if not failed:
                continue
            report.points[f"{call} {error}"] += 1
            report.notes["refused" if refused else "acknowledged all the same"] += 1
        checking.check(house, operator, ledger, where=report.where(f"{call} {error}"))
        if len(report.faults) >= MOST_FAULTS:
            return


def _one(
    house: House, sender: Sender, filing: Filing, call: str, error: str, number: int, where: str
) -> tuple[bool, bool]:
    """File once while a call fails, then again; whether a call failed, and whether the sender was refused."""
    log = house.log.with_name("strace")
    [pid] = [pid for pid, name in house.group().items() if name == "web child"]
    before = len(sender.ledger.refusals)
    with tracing.attached(pid, call, f"error={error}:when={number}", log):
        answered = sender.file_once(filing)
    told = sender.ledger.refusals[before:]
    for refusal in told:
        if not any("一" <= char <= "鿿" for char in refusal["text"]):
            raise NotWell(f"{where}: the refusal is not in Chinese: {refusal}")
    if not answered and not told:
        raise NotWell(f"{where}: no answer at all")
    sender.file(filing, patience=30)
    return tracing.injected(log), not answered


# ---- a disk that really is full -----------------------------------------------------------------------------------


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of its own; none where mounting is not permitted."""
    folder.mkdir(parents=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(disk: Path, leaving: int) -> None:
    """Let a neighbour take all but so many bytes."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free + (ballast.stat().st_size if ballast.exists() else 0)
    ballast.unlink(missing_ok=True)
    with ballast.open("wb") as file:
        size = max(0, free - leaving)
        while size > 0:
            try:
                size -= file.write(b"\1" * min(size, 1 << 22))
                file.flush()
            except OSError:
                break


def _full_disk(furnished: Furnished, folder: Path, report: Report) -> None:
    """Nearly full, quite full, full and free by turns, free again."""
    with _small_disk(folder) as disk:
        if disk is None:
            report.notes["no full disk: mounting is not permitted"] += 1
            return
        _on_small_disk(furnished, disk, folder.with_suffix(".log"), report)


def _on_small_disk(furnished: Furnished, disk: Path, log: Path, report: Report) -> None:
    ledger, chance = Ledger(), report.chance("full")
    with House(furnished, disk / "data", log) as house:
        house.start()
        sender = Sender(house, ledger, chance, "full")
        sender.file(sender.next())
        waiting = [sender.next() for _ in range(6)]
        for leaving in (100 << 20, 0):
            _fill(disk, leaving)
            for filing in waiting[:3]:
                before = len(ledger.refusals)
                if sender.file_once(filing):
                    raise NotWell(f"{filing.source_id} was acknowledged with {leaving} bytes left")
                told = ledger.refusals[before:]
                if not told or not any("一" <= char <= "鿿" for char in told[0]["text"]):
                    raise NotWell(f"with {leaving} bytes left the sender was told {told}")
                report.points["full disk"] += 1
            if not house.answers():
                raise NotWell(f"with {leaving} bytes left nobody answers")
        others = [Sender(house, ledger, random.Random(one), f"turns-{one}") for one in range(2)]
        with Load([lambda: others[0].file(others[0].next()), lambda: others[1].file(others[1].next())]):
            for _turn in range(12):
                _fill(disk, chance.choice((0, 0, 300 << 10, 2 << 20, 400 << 20)))
                report.points["disk full by turns"] += 1
                time.sleep(chance.uniform(0.2, 0.8))
            (disk / "ballast").unlink()
        for filing in waiting:
            sender.file(filing, patience=60)
        with Operator(house) as operator:
            checking.check(house, operator, ledger, where=report.where("a full disk"), forgives="disk")
