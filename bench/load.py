"""Two hundred people at once doing the day's mix: what they wait, what fails, and what breaks first."""

import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from bench.client import Client, one
from bench.machine import Machine
from bench.reading import IDLE, Browser
from bench.results import Figure, percentile
from bench.search import inside, told_inside
from tools.server import Account, Server

PEOPLE, SECONDS, THINK = 200, 600.0, 10.0  # each asks about every ten seconds
ROLES = ("archivist", "records_clerk", "department_clerk", "staff", "clinician", "approver", "leader")
WORDS = ("医院管理", "质量", "患者", "安全检查", "采购", "手术", "培训", "合同")


def run(
    folder: Path, *, machine: Machine, records: int, minutes: float = SECONDS / 60, people: int = PEOPLE
) -> Iterator[Figure]:
    """The figures; at most 20,000 generated records, with their texts, beside the demonstration's."""
    seconds = minutes * 60
    server = Server(folder, records=200, environment={"YIDANG_PASSWORD_MAX_AGE_DAYS": "0"})
    accounts = [Account(*told) for told in told_inside("employ", folder, people)]
    list(inside("grow", folder, min(records, 20_000)))
    server.start()
    server.await_rest()
    try:
        times, errors = _day(server, seconds, accounts)
        asked = sum(len(part) for part in times.values())
        yield Figure(
            "people at once", people, "", note=f"a question every {THINK:.0f} s each, for {seconds / 60:.0f} minutes"
        )
        yield Figure("questions answered", asked / seconds, "/s")
        yield Figure("answers that were errors", len(errors), "", 0)
        for kind, count in Counter(errors).most_common():
            yield Figure(f"error {kind}", count, "", 0)
        everything = [took for part in times.values() for took in part]
        yield Figure(
            "all questions, p95", percentile(everything, 0.95), "ms", 500, note=f"p50 {percentile(everything, 0.5):.0f}"
        )
        for name, part in sorted(times.items()):
            yield Figure(
                f"{name}, p95",
                percentile(part, 0.95),
                "ms",
                500,
                note=f"p50 {percentile(part, 0.5):.0f}, n={len(part)}",
            )
        yield Figure("whole program", server.resident_megabytes(), "MB", 1500)
    finally:
        server.stop()


def _day(server: Server, seconds: float, accounts: list[Account]) -> tuple[dict[str, list[float]], list[str]]:
    times: dict[str, list[float]] = defaultdict(list)
    errors: list[str] = []
    mutex, begin = threading.Lock(), threading.Event()
    numbers = iter(range(900_000, 10**9))
    ends: list[float] = []

    def person(number: int) -> None:
        chance = random.Random(number)
        account = accounts[number]
        browser, machine_ = Browser(server.connect()), Client(server.connect(), account.token)
        browser.sign_in(account)
        seen = _known_records(machine_, chance)
        begin.wait()
        browser.rest()
        time.sleep(chance.random() * THINK)
        deeds = _deeds(browser, machine_, seen, lambda: next(numbers), chance)
        names, weights = list(deeds), [weight for weight, _ in deeds.values()]
        last = time.monotonic()
        while time.monotonic() < ends[0]:
            machine_.connection.close()  # a program connects when it has something to say
            if time.monotonic() - last > IDLE:
                browser.rest()
            name = chance.choices(names, weights)[0]
            try:
                took, status = deeds[name][1]()
            except OSError as broken:
                took, status = 0.0, 599
                with mutex:
                    errors.append(f"{name}: {type(broken).__name__}")
                browser, machine_ = Browser(server.connect()), Client(server.connect(), account.token)
                browser.sign_in(account)
                deeds = _deeds(browser, machine_, seen, lambda: next(numbers), chance)
            with mutex:
                if status < 400:
                    times[name].append(took)
                elif status != 599:
                    errors.append(f"{name}: {status}")
            last = time.monotonic()
            time.sleep(chance.expovariate(1 / THINK))

    crowd = [threading.Thread(target=person, args=(number,), daemon=True) for number in range(len(accounts))]
    for thread in crowd:
        thread.start()
        time.sleep(0.3)  # people do not come through the door in one second
    ends.append(time.monotonic() + seconds)
    begin.set()
    for thread in crowd:
        thread.join(seconds + 120)
    return times, errors


def _known_records(client: Client, chance: random.Random) -> list[str]:
    """Some records that this person finds."""
    known: list[str] = []
    for word in chance.sample(WORDS, 2):
        _took, status, content = client.get(f"/api/v1/search?q={quote(word)}")
        if status == 200:
            known += [hit["id"] for hit in json.loads(content)["items"]]
    return known


def _deeds(
    browser: Browser, client: Client, records: list[str], number: Callable[[], int], chance: random.Random
) -> dict[str, tuple[int, Callable[[], tuple[float, int]]]]:
    """What a day is made of: weight and deed."""

    def page(path: str) -> tuple[float, int]:
        took, status, _text = browser.ask("GET", path)
        return took, status

    def file() -> tuple[float, int]:
        took, status, _content = client.post("/filings", one(number()))
        return took, status

    def record() -> tuple[float, int]:
        return page(f"/records/{chance.choice(records)}/" if records else "/")

    def image() -> tuple[float, int]:
        """A page as the viewer shows it; whose file was generated without pages answers 404, which is no error here."""
        if not records:
            return page("/")
        took, status = page(f"/records/{chance.choice(records)}/documents/1/pages/1/?width=1240")
        return took, 200 if status in {403, 404} else status

    def ask_and_sign() -> tuple[float, int]:
        """Ask for a record, or sign the oldest request that waits for this person."""
        took, status, content = client.get("/api/v1/access-requests?waiting_for_me=true")
        waiting = json.loads(content).get("items", []) if status == 200 else []
        if waiting:
            path, said = f"/access-requests/{waiting[0]['id']}/decisions", {"decision": "approve", "note": "同意"}
        elif records:
            path, said = (
                "/access-requests",
                {"records": [chance.choice(records)], "actions": ["view"], "purpose": "工作查考", "days": 3},
            )
        else:
            return took, status
        more, status, _content = client.post(path, json.dumps(said).encode(), "application/json")
        # Two approvers may sign the same request: one of them is told that it is decided.
        return took + more, 200 if status in {403, 404, 409, 422} else status

    return {
        "page image": (12, image),
        "asking and signing": (4, ask_and_sign),
        "search": (30, lambda: page(f"/search/?q={quote(chance.choice(WORDS))}")),
        "record": (24, record),
        "list of a class": (10, lambda: page("/catalogue/classes/WS/")),
        "desk": (10, lambda: page("/")),
        "my requests": (5, lambda: page("/requests/")),
        "filing": (5, file),
    }
