"""Side by side: this program and what a user would otherwise pick, the same documents and questions in one run.

BENCH_PEER_URL and BENCH_PEER_TOKEN name the other; BENCH_PEER is a file as those in bench/peers (yidang.yaml by default).
"""

import http.client
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from bench.client import end, part
from bench.machine import Machine
from bench.results import Figure, percentile
from bench.samples import pdf
from tools.server import CannotStart, Server

PEERS = Path(__file__).resolve().parent / "peers"
DOCUMENTS, ASKED, PATIENCE = 40, 30, 300.0
TYPE = {"Content-Type": "multipart/form-data; boundary=yidang-bench-boundary"}
# What every answer of these must be, else the figure is of something else.
GOOD = {200, 201, 202}


@dataclass
class Side:
    """One of the two, asked by its own addresses."""

    url: str
    token: str
    told: dict[str, Any]
    times: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=120)
        self._below = parts.path.rstrip("/")

    def ask(self, what: str, *, counted: bool = True, **words: str) -> bytes:
        """The answer to one of the questions of the file.

        :raises RuntimeError: it is not a good one
        """
        path = self.told[what]["path"].format(**{name: quote(value) for name, value in words.items()})
        return self._send(what, "GET", path, None, {}, counted)

    def file(self, number: int, title: str, content: bytes) -> None:
        """Hand over one document."""
        told = self.told["file"]
        fields = {name: text.format(title=title, number=number) for name, text in told["fields"].items()}
        body = b"".join(part(name, text.encode(), kind=_kind(text)) for name, text in fields.items())
        body += part(told["part"], content, "paper.pdf", "application/pdf") + end()
        self._send("file", "POST", told["path"], body, TYPE, True)

    def find(self, what: str, where: str, **words: str) -> Any:
        """A part of an answer, by its path through the JSON; None where there is none yet."""
        found: Any = yaml.safe_load(self.ask(what, counted=False, **words))
        for step in self.told[what][where].split("."):
            try:
                found = found[int(step) if step.isdigit() else step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def _send(
        self, what: str, method: str, path: str, body: bytes | None, headers: dict[str, str], counted: bool
    ) -> bytes:
        said = {"Authorization": self.told["authorization"].format(token=self.token), **headers}
        began = time.perf_counter()
        self._connection.request(method, f"{self._below}{path}", body, said)
        answer = self._connection.getresponse()
        content = answer.read()
        if counted:
            self.times.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        if answer.status not in GOOD:
            raise RuntimeError(f"{self.told['name']}: {method} {path}: {answer.status} {content[:300]!r}")
        return content


def _kind(text: str) -> str:
    return "application/json" if text.startswith("{") else "text/plain; charset=utf-8"


def sides(server: Server) -> tuple[Side, Side]:
    """This program, and the one that the environment names.

    :raises CannotStart: it names none
    """
    url, token = os.environ.get("BENCH_PEER_URL", ""), os.environ.get("BENCH_PEER_TOKEN", "")
    if not url or not token:
        raise CannotStart("name the other in BENCH_PEER_URL and BENCH_PEER_TOKEN, and its kind in BENCH_PEER.")
    ours = yaml.safe_load((PEERS / "yidang.yaml").read_text(encoding="utf-8"))
    other = yaml.safe_load(Path(os.environ.get("BENCH_PEER", PEERS / "yidang.yaml")).read_text(encoding="utf-8"))
    return Side(server.address, server.accounts["archivist"].token, ours), Side(url, token, other)


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The same figures of both, one beside the other."""
    server = Server(folder, environment={"YIDANG_COSTLY_PER_MINUTE": "0"})
    server.start()
    try:
        yield from compare(*sides(server))
    finally:
        server.stop()


def compare(ours: Side, peer: Side) -> Iterator[Figure]:
    """File, find, list, open and show at both in turn, so that what disturbs one disturbs the other."""
    stamp = str(time.time_ns())[-9:]
    titles = [f"对照试验{stamp}第{number}件" for number in range(DOCUMENTS)]
    for number, title in enumerate(titles):
        content = pdf(int(stamp) % 1_000_000 + number)
        for side in (ours, peer):
            side.file(int(stamp) * 100 + number, title, content)
    last = titles[-1]
    found = {side.url: _found_after(side, last) for side in (ours, peer)}
    ids = {side.url: [side.find("first", "id", q=title) for title in titles[:ASKED]] for side in (ours, peer)}
    for number in range(ASKED):
        for side in (ours, peer):
            record = str(ids[side.url][number] or ids[side.url][0])
            side.ask("search", q=titles[number])
            side.ask("list")
            side.ask("record", id=record)
            side.ask("page", id=record)
    for side, whose in ((ours, "ours"), (peer, f"{peer.told['name']} at {urlsplit(peer.url).netloc}")):
        yield Figure(f"{whose}: the last document is found after", found[side.url], "s")
        for what, times in side.times.items():
            yield Figure(
                f"{whose}: {what}, p95",
                percentile(times, 0.95),
                "ms",
                note=f"p50 {percentile(times, 0.5):.1f}, n={len(times)}",
            )


def _found_after(side: Side, title: str) -> float:
    began = time.monotonic()
    while not side.find("search", "hits", q=title):
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError(f"{side.told['name']} does not find «{title}» within {PATIENCE:.0f} s.")
        time.sleep(0.2)
    return time.monotonic() - began
