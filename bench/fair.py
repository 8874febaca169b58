"""Promise H6: twenty people at work, then the same twenty beside one who floods the archive with costly calls."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from bench.client import Client
from bench.load import WORDS
from bench.machine import Machine
from bench.reading import Browser
from bench.results import Figure, percentile
from bench.search import inside
from tools.server import Account, Server

PEOPLE, SECONDS, THINK, THREADS = 20, 60.0, 3.0, 16
# Nobody of the twenty shares an account with the one: limits are by person.
ROLES, ABUSER = ("archivist", "records_clerk", "department_clerk", "clinician", "approver", "leader"), "staff"
MOST = 1.5


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """What the twenty wait in quiet and beside the flood, and what the flood was answered."""
    server = Server(folder, records=200, environment={"YIDANG_PASSWORD_MAX_AGE_DAYS": "0"})
    list(inside("grow", folder, min(records, 20_000)))
    server.start()
    server.await_rest()
    try:
        quiet, before = _minute(server)
        stop, answers = threading.Event(), Counter[str]()
        flood = [
            threading.Thread(target=_flood, args=(server, server.accounts[ABUSER], number, stop, answers), daemon=True)
            for number in range(THREADS)
        ]
        for thread in flood:
            thread.start()
        loud, during = _minute(server)
        stop.set()
        for thread in flood:
            thread.join(130)
    finally:
        server.stop()
    first, second = percentile(quiet, 0.95), percentile(loud, 0.95)
    yield Figure("twenty people in quiet, p95", first, "ms", note=f"n={len(quiet)}")
    yield Figure("the same beside one who floods, p95", second, "ms", note=f"n={len(loud)}")
    yield Figure("beside the flood against quiet", second / first, "times", MOST)
    yield Figure("errors of the twenty", before.total() + during.total(), "", 0, note=_said(before + during))
    yield Figure("calls of the flood", answers.total() / SECONDS, "/s", note=_said(answers))


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common(6))


def _minute(server: Server) -> tuple[list[float], Counter[str]]:
    times: list[float] = []
    errors = Counter[str]()
    mutex, end = threading.Lock(), time.monotonic() + SECONDS

    def person(number: int) -> None:
        chance = random.Random(number)
        browser = Browser(server.connect())
        browser.sign_in(server.accounts[ROLES[number % len(ROLES)]])
        while time.monotonic() < end:
            time.sleep(chance.expovariate(1 / THINK))
            path = chance.choice(
                ["/", f"/search/?q={quote(chance.choice(WORDS))}", "/catalogue/", "/catalogue/classes/WS/"]
            )
            took, status, _text = browser.ask("GET", path)
            with mutex:
                if status == 200:
                    times.append(took)
                else:
                    errors[f"{path.partition('?')[0]} {status}"] += 1

    crowd = [threading.Thread(target=person, args=(number,), daemon=True) for number in range(PEOPLE)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(SECONDS + 120)
    return times, errors


def _elsewhere(server: Server) -> HTTPConnection:
    """A connection from another address: tries to sign in are counted by address, and the twenty sit elsewhere."""
    return HTTPConnection("127.0.0.1", server.port, timeout=120, source_address=("127.0.0.2", 0))


def _flood(server: Server, account: Account, number: int, stop: threading.Event, answers: Counter[str]) -> None:
    """Search, export and guess passwords without a pause; a connection that is closed is opened again."""
    chance = random.Random(1000 + number)
    client, browser = Client(_elsewhere(server), account.token), Browser(_elsewhere(server))
    browser.sign_in(account)
    while not stop.is_set():
        what = chance.choice(["search", "search", "page", "export", "sign-in"])
        try:
            if what == "search":
                status = client.get(f"/api/v1/search?q={quote(chance.choice(WORDS))}&facets=true")[1]
            elif what == "page":
                status = browser.ask("GET", f"/search/?q={quote(chance.choice(WORDS))}")[1]
            elif what == "export":
                status = browser.ask("GET", f"/search/export/?q={quote(chance.choice(WORDS))}")[1]
            else:
                status = Browser(_elsewhere(server)).ask(
                    "POST", "/sign-in/", {"username": "nobody", "password": "guess"}
                )[1]
        except OSError as broken:
            answers[f"{what}: {type(broken).__name__}"] += 1
            client, browser = Client(_elsewhere(server), account.token), Browser(_elsewhere(server))
            browser.sign_in(account)
        else:
            answers[f"{what}: {status}"] += 1
