"""Death: kill -9 of any process of the program at any moment, and at the n-th system call, during everything it does.

A round is a new house with senders and an archivist at work all the time; after each blow the program has to come back by
itself and acknowledge again; at the end everything is compared.
"""

import random
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture import checking, damage, tracing
from tests.torture.client import PARAGRAPH, PATIENCE, Archivist, Filing, Ledger, Load, Sender
from tests.torture.commanding import Commander
from tests.torture.house import Furnished, House, NotWell, Operator, kill
from tests.torture.reporting import MOST_FAULTS, Report

BLOWS = 25
# The share of blows that hit the server; the others hit a command beside it, which costs a tenth of a start.
SERVED = 0.25
# Whom a blow hits and how often of a hundred. The child that files most; a worker or server that is killed again and again
# is started later and later by its supervisor, which would only make the round wait.
VICTIMS = {"web child": 46, "everything": 22, "supervisor": 10, "worker": 14, "web": 8}
DATABASE = "database"
DATABASE_SHARE = 50  # where the database is a server of its own
SERVED_CALLS = (
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "mkdir",
    "linkat",
    "unlink",
    "openat",
    "flock",
    "ftruncate",
)
FILING, BUSY = "filing", "being_filed"
COMMANDS = {
    "scrub": ("vault", "scrub", "--all", "--json"),
    "repair": ("vault", "repair", "--json"),
    "index rebuild": ("search", "rebuild", "--json"),
    "backup": ("backup", "{backups}", "--json"),
    FILING: ("file", "{paper}", "--class", "WS·XZ", "--title", "关于设备采购的通知", "--source-id", "{id}", "--as", "xu", "--json"),
}  # fmt: skip
SHARES = {"scrub": 12, "repair": 10, "index rebuild": 10, "backup": 8, FILING: 60}
# Of the files that die while they are filed: a byte, a page, more than 64 MiB.
PAPERS = {1: 30, 4096: 30, (64 << 20) + 1: 1}


def attack(
    furnished: Furnished, folder: Path, points: int, report: Report, *, blows: int = BLOWS, served_only: bool = False
) -> None:
    """Kill until so many points were reached.

    :param served_only: only what the server does, no commands beside it
    """
    number, counted, left = 0, dict[str, dict[str, int]](), dict[str, list[tuple[str, int]]]()
    while report.points.total() < points and len(report.faults) < MOST_FAULTS:
        number += 1
        wanted = min(blows, points - report.points.total())
        place = folder / f"kill-{number}"
        place.mkdir(parents=True)
        with House(furnished, place / "data", place / "log") as house:
            try:
                share, chance = 1.0 if served_only else SERVED, report.chance(number)
                _Round(house, report, chance, number, wanted, share, counted, left).run()
            except NotWell as fault:
                report.fault(NotWell(f"{report.where('round', number)}: {fault}"))
                house.kill_all()
                place.rename(folder / f"found-{number}")
        report.say(f"round {number} is over")
        shutil.rmtree(place, ignore_errors=True)


@dataclass
class _Round:
    house: House
    report: Report
    chance: random.Random
    number: int
    blows: int
    served: float
    counted: dict[str, dict[str, int]]  # these two belong to all rounds
    left: dict[str, list[tuple[str, int]]]
    ledger: Ledger = field(default_factory=Ledger)
    done: list[str] = field(default_factory=list)
    papers: int = 0

    @property
    def where(self) -> str:
        return self.report.where("round", self.number, "after", "; ".join(self.done[-6:]))

    def run(self) -> None:
        self.house.start()
        self.archivist = Archivist(self.house, self.ledger)  # signs in once: a password costs as much as a filing
        with Operator(self.house) as operator, Commander(self.house) as self.commander:
            self._warm_up()
            goal = self.report.points.total() + self.blows
            for blow in range(self.blows * 3):
                if self.report.points.total() >= goal:
                    break
                deed = self._served_blow if self.chance.random() < self.served else self._command_blow
                deed(operator)
                self.house.await_answer()
                if blow % 5 == 4:
                    self._compare(operator, scrubs=False)
            self._compare(operator, scrubs=True)
            self.report.notes["acknowledged"] += len(self.ledger.receipts)
            self.report.notes["accepted"] += len(self.ledger.accepted)
            self.report.notes["asked again"] += self.ledger.repeats

    def _warm_up(self) -> None:
        sender = Sender(self.house, self.ledger, self.chance, f"w{self.number}")
        sender.file_batch([sender.next() for _ in range(4)])

    def _compare(self, operator: Operator, *, scrubs: bool) -> None:
        if scrubs:
            operator("scrub")
        operator(
            "repair"
        )  # what a killed repair left is mended by the next one; the worker's own comes every five minutes
        checking.check(self.house, operator, self.ledger, where=self.where, scrubs=scrubs)

    # ---- while it serves ------------------------------------------------------------------------------------------

    def _served_blow(self, _operator: Operator) -> None:
        """Senders and archivist at work; somebody dies; they go on until each of them is answered."""
        mark = f"{self.number}-{len(self.done)}-{self.report.missed}"
        senders = [Sender(self.house, self.ledger, random.Random(f"{mark}{one}"), f"k{mark}-{one}") for one in range(3)]
        waiting = deque(sorted(set(self.ledger.receipts) - set(self.ledger.accepted))[:6])

        def accept() -> None:
            if waiting and self.archivist.accept([waiting[0]]):
                waiting.popleft()
            time.sleep(0.05)

        def file() -> None:
            senders[0].file(senders[0].next())

        def file_too() -> None:
            senders[1].file(senders[1].next())

        def batch() -> None:
            senders[2].file_batch([senders[2].next() for _ in range(5)])

        deeds: list[Callable[[], None]] = self.chance.choice(
            ([file, file_too], [batch, file], [file, accept], [batch, accept])
        )
        victims = {**VICTIMS, **({DATABASE: DATABASE_SHARE} if self.house.server else {})}
        victim = self.chance.choices(list(victims), list(victims.values()))[0]
        with Load(deeds):
            time.sleep(self.chance.uniform(0.0, 0.6))
            struck = self._strike(victim)
            if struck:
                names = "+".join(sorted(deed.__name__.removesuffix("_too") for deed in deeds))
                self.done.append(f"{struck} during {names}")
                self.report.points[struck.partition(" at ")[0]] += 1
            else:
                self.report.missed += 1
            self.house.await_answer()

    def _strike(self, victim: str) -> str:
        """Strike once; how, or nothing when the chosen call did not come."""
        if victim == DATABASE:
            return self.house.strike_database(self.chance)
        group = self.house.group()
        pids = [pid for pid, name in group.items() if name == victim]
        if victim == "everything":
            self.house.kill_all()
            self.house.start(wait=False)
            return "kill -9 everything"
        if not pids:
            return ""
        if victim in {"web child", "worker"} and self.chance.random() < 0.6:
            call, number = self.chance.choice(SERVED_CALLS), 1 + int(self.chance.expovariate(1 / 6))
            log = self.house.log.with_name("strace")
            reached = tracing.kill_at(pids[0], call, number, log, seconds=3)
            return f"{victim} at {call} {number}" if reached else ""
        kill(pids[0])
        if victim == "supervisor":
            if self.chance.random() < 0.5:
                self.house.await_end()
            self.house.start(wait=False)  # as a service manager does, whether its children have ended or not
        return f"kill -9 {victim}"

    # ---- commands beside it ---------------------------------------------------------------------------------------

    def _command_blow(self, operator: Operator) -> None:
        """A command dies at its n-th call while the server goes on; the same command again does its work."""
        name = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
        kind, filing, words = name, None, COMMANDS[name]
        if name == FILING:
            size = self.chance.choices(list(PAPERS), list(PAPERS.values()))[0]
            kind, filing = f"{name} of {size} bytes", self._paper(size)
        words = self._words(name, filing)
        if kind not in self.counted:
            self._damage(name, operator)
            code, calls, said = self.commander.count(*words, calls=tracing.CALLS)
            if code:
                raise NotWell(f"{self.where}: «{name}» ended with {code}: {said[-600:]}")
            self.counted[kind] = calls
            filing = self._paper(size) if filing else None
            words = self._words(name, filing)
        call, number = self._point(kind)
        self._damage(name, operator)
        if not self.commander.kill_at(call, number, *words):
            self.report.missed += 1
            return
        self.done.append(f"{kind} at {call} {number}")
        self.report.points[f"command {kind}"] += 1
        self._again(name, filing, words)

    def _point(self, kind: str) -> tuple[str, int]:
        """A call at which this command has not died yet; all of them, before one comes again."""
        left = self.left.setdefault(kind, [])
        if not left:
            left += [(call, n) for call, most in sorted(self.counted[kind].items()) for n in range(1, most + 1)]
            self.chance.shuffle(left)
        return left.pop()

    def _words(self, name: str, filing: Filing | None) -> tuple[str, ...]:
        place = self.house.data.with_name("papers")
        known: dict[str, object] = {"backups": self.house.data.with_name("backups")}
        if filing:
            known |= {"paper": place / next(iter(filing.files)), "id": filing.source_id}
        return tuple(word.format(**known) for word in COMMANDS[name])

    def _paper(self, size: int) -> Filing:
        """A file of a size, as the command finds it."""
        place = self.house.data.with_name("papers")
        place.mkdir(exist_ok=True)
        self.papers += 1
        mark = f"p{self.number}-{self.papers}"
        content = (mark.encode() + PARAGRAPH * (size // len(PARAGRAPH) + 1))[:size]
        filing = Filing(mark, {"paper.txt": content})
        (place / "paper.txt").write_bytes(content)
        return filing

    def _again(self, name: str, filing: Filing | None, words: tuple[str, ...]) -> None:
        """The same command again; a filing is refused as long as the program believes the dead one to be at it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            code, answer, said = self.commander.run(*words)
            if not code:
                break
            if not filing or answer.get("code") != BUSY or time.monotonic() > deadline:
                raise NotWell(f"{self.where}: «{name}» again ended with {code}: {answer} {said[-600:]}")
            time.sleep(0.2)
        if filing:
            self.ledger.acknowledge(filing, answer)

    def _damage(self, name: str, operator: Operator) -> None:
        """A repair needs something to mend: a few files of one site, found by a scrub."""
        if name == "repair":
            site = self.house.data / "vault" / self.chance.choice(("main", "second"))
            for path in self.chance.sample(damage.files_of(site), 3):
                damage.flip(path, self.chance)
            operator("scrub")
