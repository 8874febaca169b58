"""Lost answers: the line is cut after the filing was kept and before the sender read what was said; the sender asks again.

The first answer stands in this machine's buffers when the line is cut, so the filing was kept; other lines are cut at
any moment after the last byte was sent. Between them processes of the program die.
"""

import contextlib
import random
import select
import shutil
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture import checking
from tests.torture.client import Filing, Ledger, Load, Sender, form_of
from tests.torture.house import Furnished, House, NotWell, Operator, kill
from tests.torture.reporting import MOST_FAULTS, Report

# So many filings, then one process dies, then again.
BETWEEN_DEATHS = 40
# Most filings have long been kept by then, some are still on their way in.
LONGEST = 0.3
SECONDS = 300


def attack(furnished: Furnished, folder: Path, points: int, report: Report, *, deaths: bool = True) -> None:
    """Lose so many answers; at the end there is one record for each of their ids, and no other."""
    place = folder / "answers"
    place.mkdir(parents=True)
    ledger = Ledger()
    with House(furnished, place / "data", place / "log") as house, Operator(house) as operator:
        try:
            house.start()
            before = _records(house)
            asked = 0
            while asked < points and len(report.faults) < MOST_FAULTS:
                share = min(BETWEEN_DEATHS, points - asked)
                _share(house, ledger, share, report, f"a{asked}", deaths)
                asked += share
                house.await_answer()
                report.say(f"{len(ledger.receipts)} records")
            made = _records(house) - before
            if not made == len(ledger.receipts) == points:
                raise NotWell(f"{points} filings made {made} records, {len(ledger.receipts)} were acknowledged")
            operator("scrub")
            operator("repair")
            checking.check(house, operator, ledger, where=report.where("at the end"))
        except NotWell as fault:
            report.fault(NotWell(f"{report.where()}: {fault}"))
    report.notes["acknowledged"] += len(ledger.receipts)
    report.notes["acknowledged again with the same receipt"] += ledger.repeats
    shutil.rmtree(place, ignore_errors=True)


def _records(house: House) -> int:
    [(count,)] = house.rows("SELECT count(*) FROM catalogue_record")
    return int(count)


def _share(house: House, ledger: Ledger, share: int, report: Report, mark: str, deaths: bool) -> None:
    """Three senders that lose each answer at least once, until so many filings are acknowledged."""
    chance = report.chance(mark)
    left = _Left(share)
    deeds = [
        _Forgetful(house, ledger, random.Random(chance.random()), f"{mark}-{one}", left, report).file_next
        for one in range(3)
    ]
    with Load(deeds):
        if deaths:
            time.sleep(chance.uniform(0.2, 2.0))
            group = house.group()
            victims = [pid for pid, name in group.items() if name == "web child"]
            if chance.random() < 0.25 or not victims:
                house.kill_all()
                house.start(wait=False)
                report.notes["deaths of everything"] += 1
            else:
                kill(victims[0])
                report.notes["deaths of the web child"] += 1
            house.await_answer()
        while not left.is_done and not left.failed:
            time.sleep(0.05)


@dataclass
class _Left:
    """How many filings are still to be begun and ended."""

    to_begin: int
    to_end: int = 0
    failed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.to_end = self.to_begin

    def take(self) -> bool:
        with self.lock:
            self.to_begin -= 1
            return self.to_begin >= 0

    def end(self) -> None:
        with self.lock:
            self.to_end -= 1

    @property
    def is_done(self) -> bool:
        return self.to_end <= 0


class _Forgetful(Sender):
    """A sender whose line breaks before it has read the answer."""

    def __init__(
        self, house: House, ledger: Ledger, chance: random.Random, prefix: str, left: _Left, report: Report
    ) -> None:
        super().__init__(house, ledger, chance, prefix)
        self._left, self._report = left, report

    def file_next(self) -> None:
        """Lose the answer of one filing, then ask until it is acknowledged."""
        if not self._left.take():
            time.sleep(0.05)
            return
        try:
            filing = self.next()
            lost = self._lose(filing)
            self.file(filing)
            if self.chance.random() < 0.2:
                self.file(filing)  # and once more, when the receipt is known
            self._report.points[lost] += 1
            self._left.end()
        except BaseException:
            self._left.failed = True
            raise

    def _lose(self, filing: Filing) -> str:
        """Send it, and cut the line once the answer has come, or at any moment before; what was lost."""
        data, files = form_of(filing)
        request = self._line.build_request("POST", "/api/v1/filings", data=data, files=files)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "connection")
        raw = f"POST /api/v1/filings HTTP/1.1\r\n{head}\r\n".encode() + request.read()
        waits = self.chance.uniform(0.0, LONGEST) if self.chance.random() < 0.3 else SECONDS
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if lost := self._cut(raw, waits):
                    return lost
            time.sleep(0.1)  # it is down, or said no
        raise NotWell(f"{filing.source_id}: no answer came to be lost within {SECONDS} s")

    def _cut(self, raw: bytes, waits: float) -> str:
        """One call whose line is cut; what was lost, or nothing when there was no acknowledgement to lose."""
        with socket.create_connection(("127.0.0.1", self.house.port), timeout=SECONDS) as line:
            # Closing breaks the line at once, whatever still stands in its buffers.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.sendall(raw)
            if not select.select([line], [], [], waits)[0]:
                return "cut before the answer"
            acknowledged = line.recv(12, socket.MSG_PEEK) in {b"HTTP/1.1 200", b"HTTP/1.1 201"}
            return "answer lost" if acknowledged else ""
