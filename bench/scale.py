"""Pages at two sizes, ten times apart, with 10,000 people and 100,000 permissions: what grows with the archive and what does not."""

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg

from bench.machine import Machine
from bench.reading import Browser
from bench.results import Figure, percentile
from bench.search import inside
from tools.server import Server

ASKED, DEEP, IN_VOLUME = 40, 60, 50_000
ROLES = ("archivist", "staff", "leader")
FLAT = 1.3


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures at a tenth of the records and at all of them; then how they compare."""
    server = Server(folder, environment={"YIDANG_PASSWORD_MAX_AGE_DAYS": "0"})
    found: list[dict[str, float]] = []
    there = 0
    for size in (records // 10, records):
        yield Figure("generated records", size, "records")
        yield from inside("crowd", folder, size - there)
        there = size
        list(inside("volume", folder, IN_VOLUME))
        server.start()
        try:
            found.append({})
            for name, times in _times(server, folder):
                found[-1][name] = percentile(times, 0.95)
                yield Figure(
                    f"{name}, p95", percentile(times, 0.95), "ms", 100, note=f"p50 {percentile(times, 0.5):.0f}"
                )
            yield Figure("whole program", server.resident_megabytes(), "MB", 1500)
        finally:
            server.stop()
    for name, before in found[0].items():
        yield Figure(f"{name}: {records:,} against {records // 10:,} records", found[1][name] / before, "times", FLAT)


def _times(server: Server, folder: Path) -> Iterator[tuple[str, list[float]]]:
    some = _some_records(folder)
    for role in ROLES:
        browser = Browser(server.connect())
        browser.sign_in(server.accounts[role])
        largest = quote(_largest_class(folder, role))
        yield f"desk, {role}", [_ask(browser, "/")[0] for _ in range(ASKED)]
        yield (
            f"list of the largest class, {role}",
            [_ask(browser, f"/catalogue/classes/{largest}/")[0] for _ in range(ASKED)],
        )
        yield f"its pages {DEEP - ASKED} to {DEEP}, {role}", _deep(browser, f"/catalogue/classes/{largest}/")[-ASKED:]
        yield f"list of all classes, {role}", [_ask(browser, "/catalogue/")[0] for _ in range(ASKED)]
        if role == "archivist":
            yield f"a record, {role}", [_ask(browser, f"/records/{record}/")[0] for record in some]
            volume = _volume(folder)
            yield (
                f"a volume of {IN_VOLUME:,} items, {role}",
                [_ask(browser, f"/records/{volume}/")[0] for _ in range(ASKED)],
            )


def _ask(browser: Browser, path: str) -> tuple[float, str]:
    took, status, text = browser.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}.")
    return took, text


def _deep(browser: Browser, path: str) -> list[float]:
    """The times of one page after the other, by the link that a reader follows."""
    times, address = [], path
    for _ in range(DEEP):
        took, text = _ask(browser, address)
        times.append(took)
        link = re.search(r'href="(\?[^"]*cursor=[^"]+)"[^>]*rel="next"', text) or re.search(
            r'rel="next"[^>]*href="(\?[^"]+)"', text
        )
        if link is None:
            break
        address = path + link[1].replace("&amp;", "&")
    return times


def _asked(folder: Path, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of the database that the bench runs on; each «?» is a value."""
    address = os.environ.get("YIDANG_DATABASE", "")
    if address:
        with psycopg.connect(address) as database:
            return database.execute(question.replace("?", "%s"), values).fetchall()
    with sqlite3.connect(folder / "database" / "yidang.sqlite3") as database:
        return database.execute(question, values).fetchall()


def _some_records(folder: Path) -> list[UUID]:
    last = _asked(folder, "SELECT max(id) FROM catalogue_record")[0][0]
    question = "SELECT public_id FROM catalogue_record WHERE id >= ? AND kind = 'item' ORDER BY id LIMIT 1"
    return [UUID(str(_asked(folder, question, last * number // ASKED)[0][0])) for number in range(1, ASKED)]


def _volume(folder: Path) -> UUID:
    return UUID(str(_asked(folder, "SELECT public_id FROM catalogue_record WHERE accession_number = 'GV'")[0][0]))


def _largest_class(folder: Path, role: str) -> str:
    """The code of the class that holds most; of those that are open to the hospital for who keeps nothing."""
    wanted = "" if role == "archivist" else "WHERE c.visibility = 'hospital'"
    return str(
        _asked(
            folder,
            "SELECT c.code FROM catalogue_holding h JOIN catalogue_recordclass c ON c.id = h.record_class_id"
            f" {wanted} GROUP BY c.code ORDER BY sum(h.count) DESC LIMIT 1",
        )[0][0]
    )
