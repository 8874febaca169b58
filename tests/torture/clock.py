"""The machine's clock jumps while the program works: numbers, the log's order and what is found do not go by it.

The program asks one place for the time; a module that Python loads first makes that place wrong by the seconds in a file.
"""

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.torture import checking
from tests.torture.client import Archivist, Ledger, Sender
from tests.torture.house import ROOT, Furnished, House, NotWell, Operator
from tests.torture.reporting import Report

HOUR, DAY = 3600, 24 * 3600
LEAP_DAY = datetime(2028, 2, 29, 23, 59, 50, tzinfo=UTC)
JUMPS = (HOUR, -HOUR, DAY, -DAY, 0)


def attack(furnished: Furnished, folder: Path, points: int, report: Report) -> None:
    """Jump so many times, with a restart now and then, last to the true time."""
    place = folder / "clock"
    place.mkdir(parents=True)
    hands, ledger, chance = place / "offset", Ledger(), report.chance()
    shifted = f"{Path(__file__).parent / 'shifted'}:{ROOT}"
    # A leap forward by a year ends passwords, and rightly so.
    settings = {"TORTURE_CLOCK": str(hands), "PYTHONPATH": shifted, "YIDANG_PASSWORD_MAX_AGE_DAYS": "0"}
    with House(furnished, place / "data", place / "log", **settings) as house, Operator(house) as operator:
        try:
            house.start()
            sender, archivist = Sender(house, ledger, chance, "c"), Archivist(house, ledger)
            for number in range(points):
                offset = 0 if number == points - 1 else chance.choice((*JUMPS, _to(LEAP_DAY)))
                hands.with_suffix(".new").write_text(str(offset))
                hands.with_suffix(".new").replace(hands)
                if chance.random() < 0.25:
                    house.kill_all()
                    house.start()
                where = report.where(f"jump {number} to {offset:+.0f} s")
                sender.file(sender.next())
                sender.file_batch([sender.next() for _ in range(2)])
                _accept(archivist, list(ledger.receipts)[-1], where)
                _in_order(house.data, where)
                operator("work")
                report.points["jump"] += 1
            operator("scrub")
            operator("repair")  # of versions whose writing a restart ended
            checking.check(house, operator, ledger, where=report.where("at the true time"), forgives="clock")
        except NotWell as fault:
            report.fault(NotWell(f"{report.where()}: {fault}"))


def _to(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()


def _accept(archivist: Archivist, source_id: str, where: str) -> None:
    """The session may have ended by the jump; the archivist signs in again."""
    for _try in range(8):
        if archivist.accept([source_id]):
            return
        time.sleep(0.2)
    raise NotWell(f"{where}: {source_id} could not be accepted")


def _in_order(data: Path, where: str) -> None:
    """Entries stand in the order of the acts, each accession number once and after those before it in its year."""
    with sqlite3.connect(data / "database" / "yidang.sqlite3", timeout=30) as database:
        told = [
            number
            for (number,) in database.execute(
                "SELECT s.accession_number FROM audit_entry e JOIN catalogue_record r ON replace(e.target, '-', '') = r.public_id"
                " JOIN intake_submission s ON s.record_id = r.id WHERE e.event = 'intake.filing.received' ORDER BY e.seq"
            )
        ]
    by_year: dict[str, list[str]] = {}
    for number in told:
        by_year.setdefault(number.rpartition("-")[0] or number[:-6], []).append(number)
    for numbers in by_year.values():
        if len(set(numbers)) != len(numbers):
            raise NotWell(f"{where}: an accession number was given twice")
