"""Reading over HTTP: the first page image of a 100-page PDF, the pages of the interface at a large size."""

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


def _long_pdf(number: int) -> bytes:
    """A PDF of a hundred pages that no other number gives."""
    target = io.BytesIO()
    with pikepdf.new() as whole:
        for page in range(PAGES):
            with pikepdf.open(io.BytesIO(pdf(number * PAGES + page))) as one:
                whole.pages.extend(one.pages)
        whole.save(target)
    return target.getvalue()


def _file(client: Client, number: int) -> str:
    """File one; the answer is the record's id."""
    text = json.dumps(submission(number), ensure_ascii=False).encode()
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


class Browser:
    """Just enough of a browser: cookies and a sign-in."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[float, int, str]:
        """Milliseconds, status and text of one answer."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self._connection.request(method, path, urlencode(form) if form else None, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - start) * 1000
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return took, answer.status, content.decode(errors="replace")

    def rest(self) -> None:
        """Let go of the connection, as a browser does with one that nothing came over for a while; the next question opens another."""
        self._connection.close()

    def sign_in(self, account: Account) -> None:
        """Sign in with the form that people use."""
        _, _, page = self.ask("GET", "/sign-in/")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"csrfmiddlewaretoken": found[1] if found else "", "username": account.username}
        _, status, _ = self.ask("POST", "/sign-in/", {**form, "password": account.password})
        if status != 302:
            raise RuntimeError(f"Signing in as {account.username} was answered with {status}.")


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
    try:
        client = Client(server.connect(), server.accounts["archivist"].token)
        filed = [_file(client, 500_000 + number) for number in range(FILES)]
        cold, warm = _images(client, filed)
        yield from spread(f"first page image of {PAGES} pages, cold", cold, p50=150)
        yield from spread(f"first page image of {PAGES} pages, warm", warm, p50=50)
        yield from _pages(server, server.accounts["archivist"], filed[0])
    finally:
        server.stop()
