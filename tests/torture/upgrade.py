"""An upgrade dies: the command that brings the tables to this version is killed at its n-th call, again and again.

The house is taken back to what an older version knew, by the program's own way back; then «migrate» dies, and «migrate»
again must end with exactly the tables, indexes and triggers of an upgrade that nobody disturbed, and with every row.
"""

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture import tracing
from tests.torture.commanding import Commander
from tests.torture.house import ROOT, Furnished, House, NotWell
from tests.torture.reporting import MOST_FAULTS, Report

UPGRADE = ("migrate", "--json")
CANNOT = "cannot_step_back"
FOREIGN = {"auth", "contenttypes", "sessions"}  # packages that are not ours
LEAST = 3
WELL_SECONDS = 300
DATABASE_SHARE = 0.25  # of the blows, where the database is a server of its own
# What the program itself writes down about an upgrade.
GROWS = {
    "audit_entry",
    "audit_personalfacts",
    "audit_subtree",
    "audit_checkpoint",
    "jobs_job",
    "jobs_machine",
    "django_migrations",
}
SQLITE_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
POSTGRESQL_SCHEMA = (
    "SELECT 'column', table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default)"
    " FROM information_schema.columns WHERE table_schema = 'public'"
    " UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    " UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " ORDER BY 1, 2, 3"
)
RECORDS = "SELECT public_id, title, code, state, accession_number, year FROM catalogue_record ORDER BY id"


def attack(
    furnished: Furnished, folder: Path, points: int, report: Report, *, records: int = 0, packages: int = 99
) -> None:  # fmt: skip
    """Kill so many upgrades of one archive.

    :param records: generated rows that the archive has besides
    :param packages: in how many of them an upgrade changes something, at most
    """
    place = folder / "upgrade"
    place.mkdir(parents=True)
    with House(furnished, place / "data", place / "log") as house:
        if records:
            _grow(house, records)
        try:
            with Commander(house) as commander:
                _Upgrades(house, commander, report, report.chance(), place / "older.json", packages).run(points)
            _serves(house, report)
        except NotWell as fault:
            report.fault(NotWell(f"{report.where()}: {fault}"))


def _grow(house: House, records: int) -> None:
    code = (
        "import django; django.setup()\nfrom bench.inside.hospital import fill\n"
        f"for _ in fill({records}, texts=False): pass\n"
        "from yidang.search import indexing; indexing.rebuild()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=house.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotWell(f"the archive did not grow: {done.stderr[-2000:]}")


def _serves(house: House, report: Report) -> None:
    house.start()
    for words in (("audit", "verify", "--json"), ("vault", "scrub", "--all", "--json")):
        code, answer, said = house.run(*words)
        if code:
            raise NotWell(f"{report.where('at the end')}: «{' '.join(words)}»: {answer} {said[-600:]}")
    deadline = time.monotonic() + WELL_SECONDS
    while bad := _bad(house):  # the index may have far to go
        if time.monotonic() > deadline:
            raise NotWell(f"{report.where('at the end')}: doctor: {bad}")
        time.sleep(2)


def _bad(house: House) -> list[dict[str, Any]]:
    code, answer, said = house.run("doctor", "--json")
    if "findings" not in answer:
        raise NotWell(f"doctor ended with {code}: {said[-600:]}")
    return [one for one in answer["findings"] if one["level"] == "bad"]


@dataclass
class _Upgrades:
    house: House
    commander: Commander
    report: Report
    chance: random.Random
    older: Path
    packages: int
    left: list[tuple[str, int]] = field(default_factory=list)

    def run(self, points: int) -> None:
        self._choose_older()
        for _once in range(2):  # columns come back at the end of their table: from the second time on nothing moves
            self._step_back()
            self._upgrade("an upgrade that nobody disturbed")
        wanted, counts, records = self._schema(), self._counts(), self.house.rows(RECORDS)
        self._step_back()
        code, calls, said = self.commander.count(*UPGRADE, calls=tracing.CALLS)
        if code:
            raise NotWell(f"an upgrade that was only counted ended with {code}: {said[-600:]}")
        everything = [(call, number) for call, most in sorted(calls.items()) for number in range(1, most + 1)]
        for _blow in range(points * 3):
            if self.report.points.total() >= points or len(self.report.faults) >= MOST_FAULTS:
                break
            self.left = self.left or self.chance.sample(everything, len(everything))
            self._step_back()
            struck = self._strike(*self.left.pop())
            if not struck:
                self.report.missed += 1
                continue
            self.report.points[struck.partition(" at ")[0]] += 1
            where = self.report.where("after", struck)
            self._upgrade(where)
            self._compare(where, wanted, counts, records)
        self.report.say("every upgrade has been looked at")

    def _choose_older(self) -> None:
        """An older version: without the newest change of each package, where that can be undone."""
        _code, told, said = self.commander.run("migrate", "--list", "--json")
        if "known" not in told:
            raise NotWell(f"the changes of tables could not be listed: {said[-600:]}")
        newest = {name.partition(".")[0]: name for name in told["known"]}
        leave: set[str] = set()
        for package, name in newest.items():
            if len(leave) >= self.packages or package in FOREIGN or name.startswith(f"{package}.0001"):
                continue
            self.older.write_text(json.dumps({"known": sorted(set(told["known"]) - leave - {name})}))
            code, answer, said = self.commander.run("migrate", "--back-to", str(self.older), "--json")
            if not code:
                leave.add(name)
            elif answer.get("code") != CANNOT:
                raise NotWell(f"{name} could not be taken back: {answer} {said[-600:]}")
        if len(leave) < LEAST:
            raise NotWell(f"only {sorted(leave)} can be taken back")
        self.older.write_text(json.dumps({"known": sorted(set(told["known"]) - leave)}))
        self.report.say(f"an upgrade makes {', '.join(sorted(leave))}")
        self._upgrade("the first way back")

    def _step_back(self) -> None:
        code, answer, said = self.commander.run("migrate", "--back-to", str(self.older), "--json")
        if code or not answer.get("undone"):
            raise NotWell(f"the tables did not go back: {answer} {said[-600:]}")

    def _upgrade(self, where: str) -> None:
        code, answer, said = self.commander.run(*UPGRADE)
        if code or not answer.get("well"):
            raise NotWell(f"{where}: the upgrade again ended with {code}: {answer} {said[-1200:]}")

    def _strike(self, call: str, number: int) -> str:
        if self.house.server and self.chance.random() < DATABASE_SHARE:
            self.commander.begin(*UPGRADE)
            self.commander.go()
            struck = self.house.strike_database(self.chance)
            self.commander.end()
            return struck
        return f"upgrade at {call} {number}" if self.commander.kill_at(call, number, *UPGRADE) else ""

    def _schema(self) -> list[tuple[Any, ...]]:
        return self.house.rows(POSTGRESQL_SCHEMA if self.house.server else SQLITE_SCHEMA)

    def _counts(self) -> dict[str, int]:
        kind = "column" if self.house.server else "table"
        tables = {str(row[1]) for row in self._schema() if row[0] == kind}
        return {
            name: self.house.rows(f'SELECT count(*) FROM "{name}"')[0][0]
            for name in sorted(tables)
            if name not in GROWS
        }

    def _compare(
        self, where: str, wanted: list[tuple[Any, ...]], counts: dict[str, int], records: list[tuple[Any, ...]]
    ) -> None:
        schema = self._schema()
        if schema != wanted:
            other = [str(row)[:300] for row in {*map(tuple, schema)} ^ {*map(tuple, wanted)}]
            self.report.fault(NotWell(f"{where}: the tables are others: {other[:6]}"))
        now = self._counts()
        if now != counts:
            changed = {
                name: (counts.get(name), now.get(name)) for name in {*counts, *now} if counts.get(name) != now.get(name)
            }
            self.report.fault(NotWell(f"{where}: rows before and after: {changed}"))
        if self.house.rows(RECORDS) != records:
            self.report.fault(NotWell(f"{where}: records are others than before"))
