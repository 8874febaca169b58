"""Power cuts: the whole data folder stands on a disk that holds back what was not flushed, and forgets it.

The program files, accepts and extracts on a mounted `disk.py`. Before chosen flushes the disk writes down what a cut at
that moment would leave; each of these folders is then started anew and compared with what had been acknowledged by then.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.torture import checking
from tests.torture.client import Archivist, Ledger, Load, Sender
from tests.torture.house import ROOT, Furnished, House, NotWell, Operator, environment_of
from tests.torture.reporting import MOST_FAULTS, Report

CUTS = 25
# Flushes of a round within which its cuts fall; a filing flushes about forty times.
FLUSHES_PER_CUT = 60
ROUND_SECONDS = 180
# Of so many folders one is served again and filed into; the others are prepared and compared only.
SERVED_AGAIN = 12


def can_mount(folder: Path) -> bool:
    """Whether this machine lets us mount the disk; tried once, because permissions to mount have many forms.

    :param folder: where to try, not there yet
    """
    if not os.access("/dev/fuse", os.R_OK | os.W_OK) or shutil.which("fusermount") is None:
        return False
    try:
        with Mount(folder):
            return True
    except NotWell:
        return False


class Mount:
    """The disk, mounted at a folder by a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.mounting", str(folder)], cwd=ROOT, env=environment_of(folder),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> "Mount":
        deadline = time.monotonic() + 20
        while not self.folder.is_mount():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise NotWell("the disk could not be mounted")
            time.sleep(0.05)
        return self

    def ask(self, deed: str, **values: Any) -> dict[str, Any]:
        """Ask the disk for one deed of `mounting`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"deed": deed, **values}) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["fusermount", "-u", "-z", str(self.folder)], check=False)
        self._process.kill()
        self._process.wait()


def attack(furnished: Furnished, folder: Path, points: int, report: Report, *, cuts: int = CUTS) -> None:
    """Cut until so many folders were compared; each is moved to one place, where a house and an operator are ready."""
    after = folder / "after"
    after.mkdir(parents=True)
    with (
        House(furnished, after / "data", after / "log", copies=False, YIDANG_FLUSH="each") as house,
        Operator(house) as operator,
    ):
        number = 0
        while report.points.total() < points and len(report.faults) < MOST_FAULTS:
            number += 1
            _round(house, operator, folder, number, min(cuts, points - report.points.total()), report)


def _round(house: House, operator: Operator, folder: Path, number: int, cuts: int, report: Report) -> None:
    place = folder / f"power-{number}"
    place.mkdir(parents=True)
    ledger = Ledger()
    try:
        taken = _run(house.furnished, place, ledger, report.chance(number), cuts, report)
    except NotWell as fault:
        report.fault(NotWell(f"{report.where('round', number)}: {fault}"))
        return
    for count, cut in enumerate(taken):
        where = report.where("round", number, "cut", count, f"before flush {cut['at']} ({cut['how']})")
        try:
            _compare(house, operator, cut, ledger, where, report, serves=count % SERVED_AGAIN == 1)
        except NotWell as fault:
            report.fault(fault)
            shutil.copytree(house.data, folder / "found" / f"{number}-{count}", symlinks=True)
        report.points[cut["how"].partition(",")[0]] += 1
        report.notes["unflushed pages at the cuts"] += cut["pages"]
    report.notes["acknowledged"] += len(ledger.receipts)
    report.notes["accepted"] += len(ledger.accepted)
    report.say(f"round {number} is over")
    shutil.rmtree(place, ignore_errors=True)


def _run(
    furnished: Furnished, place: Path, ledger: Ledger, chance: random.Random, cuts: int, report: Report
) -> list[dict[str, Any]]:
    """Work on the disk until every planned cut was taken; what was taken."""
    with Mount(place / "disk") as mount:
        data = mount.folder / "data"
        shutil.copytree(furnished.data, data, symlinks=True)
        with House(furnished, data, place / "log", copies=False, YIDANG_FLUSH="each") as house:
            house.start()
            mount.ask("settle")  # what start made is not what this is about
            for count in range(cuts):
                after = chance.randint(1, FLUSHES_PER_CUT * cuts)
                mount.ask(
                    "cut", after=after, seed=f"{report.seed}-{place.name}-{count}", into=str(place / f"cut-{count}")
                )
            senders = [Sender(house, ledger, random.Random(chance.random()), f"{place.name}-{one}") for one in range(3)]
            archivist, seen = Archivist(house, ledger), deque[str]()

            def accept() -> None:
                seen.extend(one for one in list(ledger.receipts) if one not in seen and one not in ledger.accepted)
                if seen and archivist.accept([seen[0]]):
                    seen.popleft()
                time.sleep(0.3)

            with Load(
                [
                    lambda: senders[0].file(senders[0].next()),
                    lambda: senders[1].file(senders[1].next()),
                    lambda: senders[2].file_batch([senders[2].next() for _ in range(3)]),
                    accept,
                ]
            ):
                deadline = time.monotonic() + ROUND_SECONDS
                while len(mount.ask("count")["taken"]) < cuts and time.monotonic() < deadline:
                    time.sleep(0.2)
            taken: list[dict[str, Any]] = mount.ask("count")["taken"]
    report.missed += cuts - len(taken)
    return taken


def _compare(
    house: House, operator: Operator, cut: dict[str, Any], ledger: Ledger, where: str, report: Report, *, serves: bool
) -> None:
    """Start the folder that the cut left, and compare it with what had been acknowledged by then."""
    known = ledger.until(cut["moment"])
    operator.end()
    shutil.rmtree(house.data, ignore_errors=True)
    (Path(cut["into"]) / "data").rename(house.data)
    operator.begin()
    try:
        if serves:
            house.start()
            sender = Sender(house, known, random.Random(cut["seed"]), f"again-{Path(cut['into']).name}")
            sender.file(sender.next())
            report.notes["served and filed into again"] += 1
        else:
            operator("prepare")
        if any(operator("scrub").values()):
            # A copy that was being exchanged when the lights went out is mended from the other one.
            done = operator("repair")
            report.notes["copies mended"] += len(done["copies"])
        checking.check(house, operator, known, where=where, serves=serves)
    finally:
        house.kill_all()
