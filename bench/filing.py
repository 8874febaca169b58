"""Filing a one-page 20 kB PDF over HTTP: two sites, everything flushed, virus scan off."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bench.client import Client, batch, one
from bench.machine import Machine
from bench.results import Figure, spread
from tools.server import Server, running

SINGLE, WARM_UP = 300, 30
CLIENTS, PER_CLIENT = 8, 100
BATCHES, IN_A_BATCH = 10, 100


def _kept(status: int, content: bytes) -> None:
    if status != 201:
        raise RuntimeError(f"A filing was answered with {status}: {content[:600].decode(errors='replace')}")


def _one_at_a_time(server: Server, token: str) -> list[float]:
    client = Client(server.connect(), token)
    bodies = [one(number) for number in range(WARM_UP + SINGLE)]
    times = []
    for body in bodies:
        took, status, content = client.post("/filings", body)
        _kept(status, content)
        times.append(took)
    return times[WARM_UP:]


def _several_clients(server: Server, token: str, first: int) -> tuple[float, list[float]]:
    times: list[float] = []
    faults: list[BaseException] = []

    def file(bodies: list[bytes]) -> None:
        client = Client(server.connect(), token)
        try:
            for body in bodies:
                took, status, content = client.post("/filings", body)
                _kept(status, content)
                times.append(took)
        except (OSError, RuntimeError) as fault:
            faults.append(fault)

    shares = [[one(first + person * PER_CLIENT + number) for number in range(PER_CLIENT)] for person in range(CLIENTS)]
    threads = [threading.Thread(target=file, args=(share,)) for share in shares]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if faults:
        raise faults[0]
    return len(times) / seconds, times


def _batches(server: Server, token: str, first: int) -> float:
    client = Client(server.connect(), token)
    bodies = [batch(range(first + number * IN_A_BATCH, first + (number + 1) * IN_A_BATCH)) for number in range(BATCHES)]
    start = time.perf_counter()
    for body in bodies:
        _, status, content = client.post("/filings/batch", body)
        if status != 200 or json.loads(content)["failed"]:
            raise RuntimeError(f"A batch was answered with {status}: {content[:600].decode(errors='replace')}")
    return BATCHES * IN_A_BATCH / (time.perf_counter() - start)


def _seconds_until_found(server: Server, token: str, number: int) -> float:
    """From the receipt until a search finds the new record; the search asks every 20 ms."""
    client = Client(server.connect(), token)
    _, status, content = client.post("/filings", one(number))
    _kept(status, content)
    start = time.perf_counter()
    words = quote(f"关于开展第{number}次病历质量检查的通知")
    while time.perf_counter() - start < 300:
        _, status, content = client.get(f"/api/v1/search?q={words}")
        if status == 200 and json.loads(content)["items"]:
            return time.perf_counter() - start
        time.sleep(0.02)
    raise RuntimeError("The record was not found within five minutes.")


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures of filing; f is the disk's fdatasync p50."""
    p50 = 15 + 10 * machine.fdatasync_p50
    with running(folder) as server:
        token = server.accounts["archivist"].token
        time.sleep(5)
        yield Figure("resident at rest, whole program", server.resident_megabytes(), "MB", 400)
        yield from spread("one at a time", _one_at_a_time(server, token), p50=p50, p95=2 * p50)
        rate, times = _several_clients(server, token, 10_000)
        yield Figure(f"{CLIENTS} clients", rate, "filings/s", 120, at_least=True)
        yield from spread(f"{CLIENTS} clients", times, p95=120)
        start = time.perf_counter()
        yield Figure(f"batches of {IN_A_BATCH}", _batches(server, token, 20_000), "filings/s", 400, at_least=True)
        backlog = _seconds_until_found(server, token, 30_000)
        seconds = time.perf_counter() - start
        done = BATCHES * IN_A_BATCH + 1
        yield Figure("text and index behind the batches", done / seconds, "records/s", 100, at_least=True)
        yield Figure("the backlog's last record is found after", backlog, "s")
        yield Figure("a new record is found, quiet, after", _seconds_until_found(server, token, 30_001), "s", 2)
