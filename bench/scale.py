"""Pages at two sizes, ten times apart, with 10,000 people and 100,000 permissions: what grows with the archive and what does not."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg

from bench.client import Client
from bench.machine import Machine
from bench.reading import Browser
from bench.results import Figure, percentile
from bench.samples import TEXT
from bench.search import inside
from tools.server import Server

ASKED, DEEP, IN_VOLUME = 40, 60, 50_000
ROLES = ("archivist", "staff", "leader")
FLAT = 1.3
WORDS = ("医院管理", "质量", "患者", "工作", "安全检查")
AIM, CODE_AIM = 100, 20


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures at a tenth of the records and at all of them; then how they compare."""
    server = Server(folder, environment={"YIDANG_PASSWORD_MAX_AGE_DAYS": "0", "YIDANG_COSTLY_PER_MINUTE": "100000"})
    found: list[dict[str, float]] = []
    there = 0
    for size in (records // 10, records):
        yield Figure("generated records", size, "records")
        rates = {}
        for part, number in (("crowd", size - there), ("volume", IN_VOLUME), ("index", size)):
            for figure in inside(part, folder, number):
                rates[figure.name] = figure.value
                yield figure
        if not there:
            minutes = records * (
                1 / rates["rows written straight to the database"] + 1 / rates["index built from the catalogue"]
            )
            yield Figure("the whole takes about", minutes / 60 + 8, "min", note="by the rates of this tenth")
        there = size
        server.start()
        server.await_rest()
        try:
            found.append({})
            for name, times in _times(server, folder):
                found[-1][name] = percentile(times, 0.95)
                aim = CODE_AIM if name.startswith("a code") else AIM
                yield Figure(
                    f"{name}, p95", percentile(times, 0.95), "ms", aim, note=f"p50 {percentile(times, 0.5):.0f}"
                )
            yield Figure("whole program", server.resident_megabytes(), "MB", 1500)
        finally:
            server.stop()
    for name, before in found[0].items():
        yield Figure(f"{name}: {records:,} against {records // 10:,} records", found[1][name] / before, "times", FLAT)


def _times(server: Server, folder: Path) -> Iterator[tuple[str, list[float]]]:
    some = _some(folder, "public_id")
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
        for name, questions in _searches(folder).items():
            yield f"{name}, {role}", [_ask(browser, f"/search/?{question}")[0] for question in questions]
        client = Client(server.connect(), server.accounts[role].token)
        yield f"a code, {role}", [_code(client, code) for code in _some(folder, "code")]
        if role == "archivist":
            yield f"a record, {role}", [_ask(browser, f"/records/{UUID(str(record))}/")[0] for record in some]
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


def _some(folder: Path, column: str) -> list[Any]:
    """A column of some records, spread over all of them."""
    generated = "FROM catalogue_record WHERE accession_number >= 'G2' AND accession_number < 'G3'"
    first, last = _asked(folder, f"SELECT min(id), max(id) {generated}")[0]
    question = f"SELECT {column} {generated} AND id >= ? ORDER BY id LIMIT 1"
    return [_asked(folder, question, first + (last - first) * number // ASKED)[0][0] for number in range(ASKED)]


def _searches(folder: Path) -> dict[str, list[str]]:
    """Questions of each kind as they stand in an address; every page of hits has its facets."""
    words = [quote(WORDS[number % len(WORDS)]) for number in range(ASKED)]
    texts = [_text(one) for one in _some(folder, "metadata")]
    return {
        "search, a common word": [f"q={word}" for word in words],
        "search, a common word, facets chosen": [f"q={word}&year=2019..2024&retention=Y" for word in words],
        "search, nine characters of one record": [f"q={quote(text[40:49])}" for text in texts],
        "search, two words": [f"q={one}+{two}" for one, two in zip(words, words[1:] + words[:1], strict=True)],
    }


def _text(metadata: Any) -> str:
    facts = json.loads(metadata) if isinstance(metadata, str) else metadata
    return str(facts[TEXT])


def _code(client: Client, code: str) -> float:
    """Milliseconds in which a program is told the record of a code."""
    took, status, content = client.get(f"/api/v1/records?code={quote(code)}")
    if status != 200:
        raise RuntimeError(f"Code {code} was answered with {status}: {content[:300].decode(errors='replace')}")
    return took


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
