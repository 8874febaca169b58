"""Backups killed at any point, the program's process or the engine's: earlier ones still come back, no half one is offered.

Records arrive all the time; of every backup it is known what had been acknowledged before it began.
"""

import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture import checking, tracing
from tests.torture.client import Ledger, Sender
from tests.torture.house import Furnished, House, NotWell, Operator
from tests.torture.reporting import MOST_FAULTS, Report

# A restore takes as long as some blows, so one follows after so many of them; and one at the end.
RESTORED_EVERY = 12
CALLS = (
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "renameat",
    "rename",
    "openat",
    "mkdir",
    "mkdirat",
    "unlinkat",
    "flock",
    "ftruncate",
)


def attack(furnished: Furnished, folder: Path, points: int, report: Report, *, restores: int = RESTORED_EVERY) -> None:
    """Kill so many backups."""
    place = folder / "backup"
    place.mkdir(parents=True)
    ledger = Ledger()
    with House(furnished, place / "data", place / "log") as house, Operator(house) as operator:
        try:
            house.start()
            _Blows(house, operator, ledger, report, report.chance(), place).run(points, restores)
        except NotWell as fault:
            report.fault(NotWell(f"{report.where()}: {fault}"))
    report.notes["acknowledged"] += len(ledger.receipts)
    shutil.rmtree(place, ignore_errors=True)


@dataclass
class _Blows:
    house: House
    operator: Operator
    ledger: Ledger
    report: Report
    chance: random.Random
    place: Path
    known: dict[str, Ledger] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.place / "backups")

    def run(self, points: int, restores: int) -> None:
        sender = Sender(self.house, self.ledger, self.chance, "b")
        sender.file_batch([sender.next() for _ in range(3)])
        log = self.place / "strace"
        began = time.monotonic()
        code, _answer, said = self.house.run(
            "backup", self.address, "--json", prefix=tracing.under(log, ",".join(CALLS))
        )
        if code:
            raise NotWell(f"the first backup ended with {code}: {said[-600:]}")
        self._learn(began, "the first backup", whole=True)
        counted = tracing.count(log)
        since = 0
        while self.report.points.total() < points and len(self.report.faults) < MOST_FAULTS:
            sender.file(sender.next())
            call = self.chance.choice(sorted(counted))
            number = self.chance.randint(1, counted[call])
            where = self.report.where(f"blow {self.report.points.total()}: {call} {number}")
            began = time.monotonic()
            code, answer, _said = self.house.run(
                "backup", self.address, "--json", prefix=tracing.under(log, call, f"signal=KILL:when={number}")
            )
            killed = "+++ killed by SIGKILL +++" in log.read_text(errors="replace")
            self._learn(began, where, whole=code == 0)
            if killed:
                self.report.points["the engine" if code > 0 else "the program"] += 1
                since += 1
            else:
                self.report.missed += 1
            if since >= restores:
                since = 0
                self._restore(where)
                self.report.say(f"{len(self.known)} backups are there")
        began = time.monotonic()
        code, answer, said = self.house.run("backup", self.address, "--json")
        if code:
            raise NotWell(f"{self.report.where('the last backup')}: {code}: {answer} {said[-600:]}")
        self._learn(began, "the last backup", whole=True)
        self._restore(self.report.where("the last backup"))
        checking.check(self.house, self.operator, self.ledger, where=self.report.where("at the end"))

    def _learn(self, began: float, where: str, *, whole: bool) -> None:
        """Compare what is offered with what was there; a new one must hold what had been acknowledged."""
        offered = self.operator("snapshots", address=self.address)
        if gone := set(self.known) - set(offered):
            raise NotWell(f"{where}: backups are gone: {gone}")
        new = [one for one in offered if one not in self.known]
        if whole and len(new) != 1:
            raise NotWell(f"{where}: a backup that was taken is not offered: {new}")
        # A blow after the engine's last step leaves a whole backup whose command never said so.
        self.known |= dict.fromkeys(new, self.ledger.until(began))

    def _restore(self, where: str) -> None:
        """Bring two back into empty folders: the newest, and any of the earlier ones."""
        word = (self.house.data / "keys" / "backup.passphrase").read_text()
        for snapshot in {list(self.known)[-1], self.chance.choice(list(self.known))}:
            data = self.place / "restored"
            code, answer, said = self.house.run(
                "restore", self.address, "--data", str(data), "--snapshot", snapshot, "--passphrase-stdin", "--json", given=word
            )  # fmt: skip
            if code or answer.get("faults"):
                raise NotWell(f"{where}: backup {snapshot[:8]} did not come back: {code} {answer} {said[-600:]}")
            if wrong := checking.outside(data, self.known[snapshot]):
                raise NotWell(f"{where}: backup {snapshot[:8]} came back without: {wrong}")
            self.report.notes["restored and compared"] += 1
            for folder in data.rglob("*"):
                if folder.is_dir():
                    folder.chmod(0o750)
            shutil.rmtree(data)
