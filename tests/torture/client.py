"""The sender outside: files, accepts, and writes down every acknowledgement where no crash of the program can reach it."""

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.torture.house import House, NotWell

# A promise has no hurry: on a machine with much else to do a start alone takes a minute.
PATIENCE = 600
# What a sender must be ready for while the other side is down, starting, or doing the same filing for somebody else.
AGAIN = {409, 429, 502, 503, 507}
PARAGRAPH = "各科室：请遵照执行设备采购管理办法，于月底前报院长办公室备案。\n".encode()
SIZES = (1, 4096, 60_000, 700_000)


@dataclass
class Filing:
    """One submission as the sender keeps it: sent again and again under the same id until it is answered."""

    source_id: str
    files: dict[str, bytes]

    @property
    def said(self) -> dict[str, Any]:
        """The submission in the form of the contract."""
        return {
            "source_system": "oa", "source_id": self.source_id, "title": f"关于{self.source_id}号事项的通知", "class": "WS·XZ",
            "date": "2026-03-05", "documents": [{"file": name} for name in self.files],
        }  # fmt: skip


@dataclass
class Ledger:
    """What was acknowledged: the first answer for each id counts, and every later one must say the same."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    digests: dict[str, list[str]] = field(default_factory=dict)
    accepted: dict[str, float] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)
    repeats: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, filing: Filing, receipt: dict[str, Any]) -> None:
        """Write a receipt down.

        :raises NotWell: an earlier receipt of the same id says something else
        """
        told = [one["sha256"] for one in receipt["documents"]]
        sent = [hashlib.sha256(content).hexdigest() for content in filing.files.values()]
        if told != sent:
            raise NotWell(f"{filing.source_id}: the receipt names other bytes than were sent")
        with self._lock:
            before = self.receipts.setdefault(filing.source_id, receipt)
            self.digests[filing.source_id] = sent
            self.moments.setdefault(filing.source_id, time.monotonic())
            self.repeats += before is not receipt
        if before["accession_number"] != receipt["accession_number"] or before["record"] != receipt["record"]:
            raise NotWell(f"{filing.source_id}: two records for one id: {before} and {receipt}")

    def until(self, moment: float) -> "Ledger":
        """What had been acknowledged by a moment of the machine's steady clock."""
        with self._lock:
            known = {one for one, at in self.moments.items() if at <= moment}
            return Ledger(
                {one: self.receipts[one] for one in known},
                {one: self.digests[one] for one in known},
                {one: at for one, at in self.accepted.items() if at <= moment},
            )


def line_to(house: House) -> httpx.Client:
    """A line to the API, without certificates, whose reading costs more than a filing; a new one for each call."""
    return httpx.Client(
        base_url=f"http://127.0.0.1:{house.port}", timeout=300, trust_env=False, verify=False,
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"Authorization": f"Bearer {house.token}", "Accept-Language": "zh-CN"},
    )  # fmt: skip


def form_of(filing: Filing) -> tuple[dict[str, str], list[Any]]:
    """The fields and files of its form."""
    files = [("files", (name, content)) for name, content in filing.files.items()]
    return {"submission": json.dumps(filing.said)}, files


class Sender:
    """Files through the API as another system does."""

    def __init__(self, house: House, ledger: Ledger, chance: random.Random, prefix: str) -> None:
        self.house, self.ledger, self.chance, self.prefix = house, ledger, chance, prefix
        self._count = 0
        self._line = line_to(house)

    def next(self) -> Filing:
        """A new filing: one file or two, from a byte to most of a megabyte."""
        self._count += 1
        source_id = f"{self.prefix}-{self._count}"
        names = ["正文.txt", "附件.txt"][: self.chance.choice((1, 1, 2))]
        return Filing(source_id, {name: self._content(source_id + name) for name in names})

    def _content(self, mark: str) -> bytes:
        size = self.chance.choice(SIZES)
        return (mark.encode() + b"\n" + PARAGRAPH * (size // len(PARAGRAPH) + 1))[: max(size, len(mark.encode()) + 1)]

    def file(self, filing: Filing, *, patience: float = PATIENCE) -> None:
        """Send until it is acknowledged.

        :raises NotWell: no acknowledgement in all that time, or a refusal that is none of the storm's
        """
        deadline = time.monotonic() + patience
        while not self.file_once(filing):
            if time.monotonic() > deadline:
                raise NotWell(
                    f"{filing.source_id}: not acknowledged within {patience} s; {self._last(filing.source_id)}"
                )
            time.sleep(0.1)

    def file_once(self, filing: Filing) -> bool:
        """Send once; whether it was acknowledged."""
        answer = self._post("/api/v1/filings", *form_of(filing))
        if answer is None:
            return False
        if answer.status_code in {200, 201}:
            self.ledger.acknowledge(filing, answer.json())
            return True
        self._refused(filing.source_id, answer.status_code, answer.text)
        return False

    def file_batch(self, filings: list[Filing], *, patience: float = PATIENCE) -> None:
        """Send many in one call until each is acknowledged.

        :raises NotWell: as for one
        """
        deadline, left = time.monotonic() + patience, list(filings)
        while left:
            done = self._batch_once(left)
            left = [filing for filing in left if filing not in done]
            if left and time.monotonic() > deadline:
                raise NotWell(
                    f"{left[0].source_id}: not acknowledged within {patience} s; {self._last(left[0].source_id)}"
                )

    def _batch_once(self, filings: list[Filing]) -> list[Filing]:
        # Files of a batch are told apart by their names.
        renamed = [
            Filing(one.source_id, {f"{one.source_id}-{name}": content for name, content in one.files.items()})
            for one in filings
        ]
        files = [("files", (name, content)) for one in renamed for name, content in one.files.items()]
        answer = self._post("/api/v1/filings/batch", {"submissions": json.dumps([one.said for one in renamed])}, files)
        if answer is None or answer.status_code != 200:
            if answer is not None:
                self._refused("batch", answer.status_code, answer.text)
            time.sleep(0.1)
            return []
        done = []
        for filing, same, result in zip(filings, renamed, answer.json()["results"], strict=True):
            if "receipt" in result:
                self.ledger.acknowledge(same, result["receipt"])
                done.append(filing)
            else:
                self._refused(filing.source_id, result["problem"].get("status", 503), json.dumps(result["problem"]))
        return done

    def _post(self, path: str, data: dict[str, str], files: list[Any]) -> httpx.Response | None:
        """One call; None when the line broke, which says nothing about what became of it."""
        try:
            return self._line.post(path, data=data, files=files)
        except httpx.HTTPError:
            return None

    def _last(self, source_id: str) -> str:
        """What was last said about an id, for the reader of a fault."""
        told = [one for one in self.ledger.refusals if one["id"] in {source_id, "batch"}]
        return f"last said: {told[-1]}" if told else "never any answer"

    def _refused(self, source_id: str, status: int, text: str) -> None:
        self.ledger.refusals.append({"id": source_id, "status": status, "text": text})
        if status not in AGAIN:
            raise NotWell(f"{source_id}: refused with {status}: {text[:600]}")


class Archivist:
    """Accepts what was received, on the page."""

    def __init__(self, house: House, ledger: Ledger) -> None:
        self.house, self.ledger = house, ledger
        self._line = line_to(house)
        self._browser: httpx.Client | None = None

    def accept(self, ids: list[str]) -> bool:
        """Accept these filings in one press of the button; whether the page answered that it is done."""
        keys = [self.ledger.receipts[source_id]["filing"] for source_id in ids]
        try:
            if self._browser is None:
                self._browser = self._sign_in()
            answer = self._browser.post("/inbox/acceptance/", data={"chosen": keys}, headers=self._token())
            if answer.status_code != 302 or "sign-in" in answer.headers.get("location", ""):
                self._browser = None
                return False
            if not all(self._is_archived(key) for key in keys):
                return False
        except httpx.HTTPError:
            self._browser = None
            return False
        self.ledger.accepted.update(dict.fromkeys(ids, time.monotonic()))
        return True

    def _is_archived(self, key: str) -> bool:
        """Whether the program says so: the page answers a refusal like a success."""
        answer = self._line.get(f"/api/v1/filings/{key}")
        return answer.status_code == 200 and answer.json()["state"] == "archived"

    def _sign_in(self) -> httpx.Client:
        browser = httpx.Client(
            base_url=f"http://127.0.0.1:{self.house.port}", timeout=300, trust_env=False, verify=False
        )
        self._browser = browser
        browser.get("/sign-in/").raise_for_status()
        answer = browser.post(
            "/sign-in/", data={"username": "lin", "password": self.house.password}, headers=self._token()
        )
        if answer.status_code != 302:
            raise httpx.HTTPError(f"sign-in answered {answer.status_code}")
        return browser

    def _token(self) -> dict[str, str]:
        assert self._browser is not None
        return {"X-CSRFToken": self._browser.cookies.get("yidang_csrf") or ""}


class Load:
    """Senders that file all the time in threads of their own, until they are stopped.

    :param deeds: what each thread does again and again
    """

    def __init__(self, deeds: list[Callable[[], None]]) -> None:
        self._stop = threading.Event()
        self.faults: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(deed,), daemon=True) for deed in deeds]

    def _run(self, deed: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                deed()
            except BaseException as fault:
                self.faults.append(fault)
                return

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE + 30)
        if self.faults:
            raise self.faults[0]
