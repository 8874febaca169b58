"""Backups killed at any point, the program's process or the engine's: earlier ones still come back, no half one is offered.

Records arrive all the time; of every backup it is known what had been acknowledged before it began.
"""

import random
import shutil
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.torture import checking
from tests.torture.client import Ledger, Sender
from tests.torture.commanding import Commander
from tests.torture.database import rows_of_file
from tests.torture.house import Furnished, House, NotWell, Operator, children_of, is_alive, kill
from tests.torture.reporting import MOST_FAULTS, Report

# A restore takes as long as some blows, so one follows after so many of them; and one at the end.
RESTORED_EVERY = 12
# What a backup changes: the program's own calls and the engine's.
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "renameat", "mkdir", "unlinkat")


def attack(furnished: Furnished, folder: Path, points: int, report: Report, *, restores: int = RESTORED_EVERY) -> None:
    """Kill so many backups."""
    place = folder / "backup"
    place.mkdir(parents=True)
    ledger = Ledger()
    with (
        House(furnished, place / "data", place / "log") as house,
        Operator(house) as operator,
        Commander(house) as commander,
    ):
        try:
            house.start()
            _Blows(house, operator, commander, ledger, report, report.chance(), place).run(points, restores)
        except NotWell as fault:
            report.fault(NotWell(f"{report.where()}: {fault}"))
    report.notes["acknowledged"] += len(ledger.receipts)
    shutil.rmtree(place, ignore_errors=True)


@dataclass
class _Blows:
    house: House
    operator: Operator
    commander: Commander
    ledger: Ledger
    report: Report
    chance: random.Random
    place: Path
    known: dict[str, Ledger] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    seconds: float = 0

    @property
    def address(self) -> str:
        return str(self.place / "backups")

    def run(self, points: int, restores: int) -> None:
        sender = Sender(self.house, self.ledger, self.chance, "b")
        sender.file_batch([sender.next() for _ in range(3)])
        self._whole("the first backup")
        self._whole("the second backup")  # the first one makes the place and is not like the others
        since = 0
        while self.report.points.total() < points and len(self.report.faults) < MOST_FAULTS:
            sender.file(sender.next())
            began = time.monotonic()
            struck = self._at_a_call() if self.chance.random() < 0.3 else self._at_a_moment()
            where = self.report.where(f"blow {self.report.points.total()}: {struck}")
            self._learn(began, where, whole=False)
            if not struck:
                self.report.missed += 1
                continue
            self.report.points[struck.partition(" at ")[0]] += 1
            since += 1
            if since >= restores:
                since = 0
                self._restore(where)
                self.report.say(f"{len(self.known)} backups are there")
        self._whole("the last backup")
        self._restore(self.report.where("the last backup"))
        checking.check(self.house, self.operator, self.ledger, where=self.report.where("at the end"))

    def _whole(self, name: str) -> None:
        """Take one unharmed, and learn what a backup calls and how long it takes."""
        began = time.monotonic()
        code, self.counted, said = self.commander.count("backup", self.address, "--json", calls=CALLS)
        if code:
            raise NotWell(f"{self.report.where(name)}: {code}: {said[-600:]}")
        self._learn(began, self.report.where(name), whole=True)
        began = time.monotonic()
        self.commander.run("backup", self.address, "--json")
        self.seconds = time.monotonic() - began
        self._learn(began, self.report.where(name), whole=True)

    def _at_a_call(self) -> str:
        """Whichever process gets there first dies at its n-th call; how, or nothing."""
        call = self.chance.choice(sorted(self.counted))
        number = self.chance.randint(1, self.counted[call])
        return (
            f"call at {call} {number}" if self.commander.kill_at(call, number, "backup", self.address, "--json") else ""
        )

    def _at_a_moment(self) -> str:
        """The program, the engine or both die at a moment; how, or nothing if it had ended by then."""
        pid = self.commander.begin("backup", self.address, "--json")
        self.commander.go()
        moment = self.chance.uniform(0.0, 1.0) * self.seconds
        time.sleep(moment)
        if not is_alive(pid):
            self.commander.end()
            return ""
        engines = children_of(pid)
        victim = self.chance.choice(("engine", "program", "both")) if engines else "program"
        for one in [*(engines if victim != "program" else []), *([pid] if victim != "engine" else [])]:
            kill(one)
        self.commander.end()
        deadline = time.monotonic() + 60
        while any(is_alive(one) for one in engines) and time.monotonic() < deadline:
            time.sleep(0.05)  # an engine whose program died goes on to its end
        return f"{victim} at {moment:.2f} s"

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
            if wrong := checking.outside(data, self.known[snapshot], partial(rows_of_file, data)):
                raise NotWell(f"{where}: backup {snapshot[:8]} came back without: {wrong}")
            self.report.notes["restored and compared"] += 1
            for folder in data.rglob("*"):
                if folder.is_dir():
                    folder.chmod(0o750)
            shutil.rmtree(data)
