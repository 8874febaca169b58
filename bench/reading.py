"""Reading over HTTP: the first page image of a 100-page PDF, from a decision to the page it opens, the pages of the interface."""

import io
import json
import re
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

import pikepdf

from bench.client import Client, end, part, submission
from bench.machine import Machine
from bench.results import Figure, spread
from bench.samples import pdf
from bench.search import inside
from tools.server import Account, Server

FILES, PAGES, ASKED = 8, 100, 40
WIDTH = 1240
IDLE = 20.0  # seconds after which a browser opens a new connection; the server closes an idle one after thirty


def _long_pdf(number: int) -> bytes:
    """A PDF of a hundred pages that no other number gives."""
    target = io.BytesIO()
    with pikepdf.new() as whole:
        for page in range(PAGES):
            with pikepdf.open(io.BytesIO(pdf(number * PAGES + page))) as one:
                whole.pages.extend(one.pages)
        whole.save(target)
    return target.getvalue()


def _file(client: Client, number: int, record_class: str = "WS") -> str:
    """File one; the answer is the record's id."""
    text = json.dumps(submission(number, record_class=record_class), ensure_ascii=False).encode()
    body = part("submission", text) + part("files", _long_pdf(number), "body.pdf", "application/pdf") + end()
    _, status, content = client.post("/filings", body)
    if status != 201:
        raise RuntimeError(f"A filing was answered with {status}: {content[:600].decode(errors='replace')}")
    return json.loads(content)["record"]


def _images(client: Client, records: list[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of the first page's image, the first time and again."""
    cold, warm = [], []
    for record in records:
        path = f"/api/v1/records/{record}/documents/1/pages/1?width={WIDTH}"
        for times in (cold, warm, warm, warm):
            took, status, content = client.get(path)
            if status != 200:
                raise RuntimeError(f"{path} was answered with {status}: {content[:400].decode(errors='replace')}")
            times.append(took)
    return cold, warm


def _from_decision_to_page(server: Server, records: list[str]) -> list[float]:
    """Milliseconds from sending the last signature to holding the first page image of what it opened, drawn anew."""
    keeper = Browser(server.connect())
    keeper.sign_in(server.accounts["archivist"])
    approver = server.accounts["approver"]
    route = {
        "label": "bench", "position": "0", "hours": "8", "purpose": "inspection", "do": "save",
        "step-0-0": "person", "step-0-0-of": approver.username,
    }  # fmt: skip
    keeper.post("/signing/routes/access/new/", route)
    reader = Client(server.connect(), server.accounts["staff"].token)
    signer = Client(server.connect(), approver.token)
    times = []
    for record in records:
        said = {"records": [record], "actions": ["view"], "purpose": "inspection", "days": 7, "basis": "duty"}
        _, status, content = reader.post("/access-requests", json.dumps(said).encode(), "application/json")
        asked = json.loads(content)
        if status != 201 or asked["state"] != "waiting":
            raise RuntimeError(f"A request was answered with {status}: {content[:400].decode(errors='replace')}")
        start = time.perf_counter()
        _, status, content = signer.post(
            f"/access-requests/{asked['id']}/decisions", b'{"decision": "approve"}', "application/json"
        )
        if status != 201:
            raise RuntimeError(f"A decision was answered with {status}: {content[:400].decode(errors='replace')}")
        _, status, content = reader.get(f"/api/v1/records/{record}/documents/1/pages/1?width={WIDTH}")
        if status != 200:
            raise RuntimeError(f"The page was answered with {status}: {content[:400].decode(errors='replace')}")
        times.append((time.perf_counter() - start) * 1000)
    return times


class Browser:
    """Just enough of a browser: cookies and a sign-in."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._asked = time.perf_counter()
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[float, int, str]:
        """Milliseconds, status and text of one answer."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.perf_counter() - self._asked > IDLE:
            self.rest()
        start = time.perf_counter()
        self._connection.request(method, path, urlencode(form) if form else None, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._asked = time.perf_counter()
        took = (self._asked - start) * 1000
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return took, answer.status, content.decode(errors="replace")

    def rest(self) -> None:
        """Let go of the connection, as a browser does with one that nothing came over for a while; the next question opens another."""
        self._connection.close()

    def post(self, path: str, form: dict[str, str]) -> None:
        """Send the form that stands at an address.

        :raises RuntimeError: it was not taken
        """
        _, _, page = self.ask("GET", path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        _, status, text = self.ask("POST", path, {**form, "csrfmiddlewaretoken": found[1] if found else ""})
        if status != 302:
            raise RuntimeError(f"{path} was answered with {status}: {text[:400]}")

    def sign_in(self, account: Account) -> None:
        """Sign in with the form that people use."""
        self.post("/sign-in/", {"username": account.username, "password": account.password})


def _pages(server: Server, account: Account, record: str) -> Iterator[Figure]:
    browser = Browser(server.connect())
    browser.sign_in(account)
    addresses = {
        "desk": "/",
        "search": f"/search/?q={quote('医院管理')}",
        "search, filtered": f"/search/?q={quote('患者')}&year=2020",
        "list of a class": "/catalogue/classes/WS/",
        "record": f"/records/{record}/",
    }
    for name, path in addresses.items():
        times = []
        for _ in range(ASKED):
            took, status, _ = browser.ask("GET", path)
            if status != 200:
                raise RuntimeError(f"{path} was answered with {status}.")
            times.append(took)
        yield from spread(f"page: {name}, {account.role}", times, p95=100)


def run(folder: Path, *, machine: Machine, records: int) -> Iterator[Figure]:
    """The figures of reading, at the asked number of generated records."""
    server = Server(folder)
    list(inside("grow", folder, records))
    server.start()
    server.await_rest()
    try:
        client = Client(server.connect(), server.accounts["archivist"].token)
        filed = [_file(client, 500_000 + number) for number in range(FILES)]
        cold, warm = _images(client, filed)
        yield from spread(f"first page image of {PAGES} pages, cold", cold, p50=150)
        yield from spread(f"first page image of {PAGES} pages, warm", warm, p50=50)
        opened = [_file(client, 600_000 + number, record_class="WS·XZ") for number in range(FILES)]
        yield from spread(
            "from the decision to the page that it opens", _from_decision_to_page(server, opened), p95=1000
        )
        yield from _pages(server, server.accounts["archivist"], filed[0])
    finally:
        server.stop()
