"""Damage: each file of an object on one site, in eight ways; found by one scrub, healed by one repair, read again, logged.

And bits turned in the database file: a row that reads otherwise than it was written must be named (B2).
"""

import hashlib
import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from tests.torture import damage
from tests.torture.house import Furnished, House, NotWell, Operator
from tests.torture.reporting import MOST_FAULTS, Report

# Which file of an object a damage hits; each class is hit in turn.
CLASSES = {
    "content": "v1/content/documents/*", "record.json": "v*/content/record.json", "metadata.xml": "v*/content/metadata.xml",
    "inventory": "inventory.json", "sidecar": "inventory.json.sha512", "declaration": "0=ocfl_object_1.1",
    "earlier inventory": "v1/inventory.json", "earlier sidecar": "v1/inventory.json.sha512",
}  # fmt: skip
PAGE = 4096  # of the database file
KINDS = (*damage.SIMPLE, "older version", "swapped")
# Rows that carry meaning, each with what says that one was changed.
TABLES = (
    "catalogue_record",
    "catalogue_document",
    "audit_entry",
    "audit_personalfacts",
    "people_user",
    "catalogue_retentionrule",
)
# Columns that no digest covers, because they say nothing that is promised: keys of our own, the state of a job.
NOT_BOUND = {
    "catalogue_record": {"updated_at", "sort_key", "title_key", "search_state"},
    # A row that names its text wrongly has lost it, and lost texts are made anew (yidang/search/texts.py).
    "catalogue_document": {"text_state", "text_mark", "pages"},
    # Named in docs/developer/torture.md as what the digest of an account leaves out.
    "people_user": {
        "display_name",
        "last_login",
        "last_seen_at",
        "language",
        "created_at",
    },
}


class Place:
    """A site as whoever has its disk gets at it, behind the program's back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, folder.name

    def pull(self) -> Path:
        """A folder with everything that stands there now."""
        return self.folder

    def push(self) -> None:
        """Have the site stand as that folder does."""


Standing = dict[str, str]


def _standing(site: Path) -> Standing:
    """The digest of each file by its path."""
    return {
        str(path.relative_to(site)): hashlib.sha256(path.read_bytes()).hexdigest() for path in damage.files_of(site)
    }


def attack(furnished: Furnished, folder: Path, points: int, report: Report, *, rows: int = 0) -> None:
    """Damage so many times, one after the other; then turn bits of the database file.

    :param rows: how many bits of the database file; as many as damages if left out
    """
    place = folder / "flips"
    place.mkdir(parents=True)
    with House(furnished, place / "data", place / "log") as house:
        main, second = (Place(house.data / "vault" / key) for key in ("main", "second"))
        damage_copies(house, [(main, second), (second, main)], points, report)
    if len(report.faults) < MOST_FAULTS:
        _rows(furnished, folder, rows or points, report)


def damage_copies(house: House, pairs: list[tuple[Place, Place]], points: int, report: Report) -> None:
    """Damage so many times, one after the other.

    :param pairs: a site to damage and the other one, which stays whole
    """
    with Operator(house) as operator:
        operator("work")
        operator("scrub")
        for number in range(points):
            try:
                _one(operator, pairs, house.furnished.data.with_name("earlier"), report, number)
            except NotWell as fault:
                report.fault(NotWell(f"{report.where('damage', number)}: {fault}"))
                operator("repair")
                if len(report.faults) >= MOST_FAULTS:
                    return
            if number % 50 == 49:
                report.say("found and healed")


def _one(operator: Operator, pairs: list[tuple[Place, Place]], earlier: Path, report: Report, number: int) -> None:
    # So many numbers as there are pairs of a kind and a class hit each of them once.
    chance, kind = report.chance(number), KINDS[number % len(KINDS)]
    name = list(CLASSES)[(number + number // len(KINDS)) % len(CLASSES)]
    if (name, kind) == ("declaration", "swapped"):
        name = "content"  # all declarations are the same file: swapping them is no damage
    site, other = chance.choice(pairs)
    before, untouched = _standing(site.pull()), _standing(other.pull())
    hit = _damage(site.folder, earlier / site.key, name, kind, chance)
    if _standing(site.folder) == before:
        raise NotWell(f"the attack itself did nothing: {kind} of {name}")
    site.push()
    what, since = f"{kind} of {name} at {site.key}", operator("last")
    found = operator("scrub")
    if not found[site.key] or found[other.key]:
        raise NotWell(f"{what}: one scrub found {found}")
    named = {one["object"] for one in operator("findings", since=since["finding"]) if one["site"] == site.key}
    if named != hit:
        raise NotWell(f"{what}: the scrub named {named}, damaged were {hit}")
    done = operator("repair")
    mended = {object_id for where, object_id in done["copies"] if where == site.key}
    if mended != hit or done["lost"] or done["failed"]:
        raise NotWell(f"{what}: one repair did {done}")
    again = operator("scrub")
    if any(again.values()):
        raise NotWell(f"{what}: the scrub after the repair found {again}")
    if _standing(site.pull()) != before or _standing(other.pull()) != untouched:
        raise NotWell(f"{what}: the bytes are not what they were")
    if not all(one["healed"] for one in operator("findings", since=since["finding"])):
        raise NotWell(f"{what}: findings stay open")
    for event in ("vault.copy.damaged", "vault.copy.repaired"):
        told = {one["target"] for one in operator("events", event=event, since=since["entry"])}
        if told != hit:
            raise NotWell(f"{what}: the log tells {event} of {told}, not of {hit}")
    report.points[kind] += 1
    report.notes[f"hit {name}"] += 1


def _damage(site: Path, earlier: Path, name: str, kind: str, chance: random.Random) -> set[str]:
    """Do one damage; the objects that it hit."""
    objects = damage.objects_of(site)
    chosen = chance.choice([one for one in objects if any(one.glob(CLASSES[name]))])
    path = chance.choice(sorted(chosen.glob(CLASSES[name])))
    if kind == "older version":
        older = chance.choice([one for one in objects if (earlier / one.relative_to(site)).is_dir()])
        damage.put_back(older, earlier / older.relative_to(site))
        return {_object_id(older)}
    if kind == "swapped":
        others = [
            found for one in objects for found in one.glob(CLASSES[name]) if found.read_bytes() != path.read_bytes()
        ]
        second = chance.choice(sorted(others))
        damage.swap(path, second)
        return {_object_id(chosen), _object_id(site / Path(*second.relative_to(site).parts[:3]))}
    damage.SIMPLE[kind](path, chance)
    return {_object_id(chosen)}


def _object_id(folder: Path) -> str:
    return folder.name.rpartition("%3a")[2]


# ---- the database file --------------------------------------------------------------------------------------------


def _rows(furnished: Furnished, folder: Path, points: int, report: Report) -> None:
    """Turn one bit of the database file at a time; whatever changes a row must be told by the verification."""
    place = folder / "rows"
    place.mkdir(parents=True)
    missed: Counter[str] = Counter()
    with House(furnished, place / "data", place / "log") as house, Operator(house) as operator:
        file = house.data / "database" / "yidang.sqlite3"
        operator("work")
        _close(file)
        whole = file.read_bytes()
        rows, pages = _content(file), _pages(file)
        for number in range(points):
            chance = report.chance("rows", number)
            # Nine in ten bits of a small file mean nothing, so most blows go where rows stand.
            page = chance.choice(pages) if chance.random() < 0.9 else chance.randrange(len(whole) // PAGE)
            at, bit = page * PAGE + chance.randrange(PAGE), 1 << chance.randrange(8)
            with file.open("r+b") as database:
                database.seek(at)
                database.write(bytes([whole[at] ^ bit]))
            changed = _difference(rows, file)
            if changed:
                told = operator("verify")
                found = "told" if told else "missed"
                report.points["database row" if changed != "unreadable" else "database unreadable"] += 1
                if not told:
                    missed[changed] += 1
                    report.notes[f"{found}: {changed}"] += 1
            else:
                report.notes["bits without meaning"] += 1
            for beside in file.parent.glob("yidang.sqlite3-*"):
                beside.unlink()
            file.write_bytes(whole)
    if missed:
        report.fault(
            NotWell(f"{report.where('rows')}: changes of rows that the verification does not tell: {dict(missed)}")
        )
    shutil.rmtree(place, ignore_errors=True)


def _pages(file: Path) -> list[int]:
    """The pages of the file in which rows of the watched tables stand."""
    with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as database:
        marks = ",".join("?" * len(TABLES))
        return [
            number - 1
            for (number,) in database.execute(f"SELECT pageno FROM dbstat WHERE name IN ({marks}) ORDER BY 1", TABLES)
        ]


def _close(file: Path) -> None:
    """Bring the write-ahead log into the file."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _content(file: Path) -> dict[str, dict[Any, dict[str, Any]]]:
    """Rows by table and key; read by a process that knows nothing of the program."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    database = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    database.text_factory = bytes
    try:
        for table in TABLES:
            cursor = database.execute(f"SELECT * FROM {table} ORDER BY 1")
            names = [column[0] for column in cursor.description]
            found[table] = {row[0]: dict(zip(names, row, strict=True)) for row in cursor}
    finally:
        database.close()
    return found


def _difference(rows: dict[str, dict[Any, dict[str, Any]]], file: Path) -> str:
    """The first table and column that reads otherwise; «unreadable» if something does not read at all."""
    try:
        now = _content(file)
    except (sqlite3.Error, ValueError):
        return "unreadable"
    for table, before in rows.items():
        if before.keys() != now[table].keys():
            return f"{table}: rows"
        for key, row in before.items():
            for column, value in row.items():
                if value != now[table][key][column] and column not in NOT_BOUND.get(table, ()):
                    return f"{table}.{column}"
    return ""
