"""Hostile HTML, SVG, PDF and Office in a real Chromium: no page or preview of them runs a script, opens a dialog or asks elsewhere."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import BrowserContext, Error, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang import search
from yidang.formats.tests import making
from yidang.intake.errors import ChecksFailed
from yidang.intake.models import Submission

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
PATIENCE, REST = 120_000, 400  # milliseconds: for one page on a busy machine, and for a script to show itself
DOWNLOAD = -1
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def trap() -> Any:
    """A server that no page may ask; what asks it is noted. Its own page «control» does what ours must not."""
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = b""
            if self.path == "/control":
                content = hostile_page(f"http://{self.headers['Host']}").encode()
            else:
                asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def script(trap: str) -> str:
    """What would open a dialog and ask the trap if it ran."""
    return f"alert(1);fetch('{trap}/fetched');new Image().src='{trap}/image'"


def hostile_page(trap: str) -> str:
    """The script in a page, in each place from which it could run."""
    run = script(trap)
    return f"<html><head><title>通知</title></head><body onload=\"{run}\"><script>{run}</script><img src='{trap}/img'><p>通知</p></body></html>"


def hostile(folder: Path, trap: str) -> dict[str, bytes]:
    """What people may send: each would call the trap or open a dialog if anything of it ran."""
    run, page = script(trap), hostile_page(trap)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40" onload="{run}"><script>{run}</script><image href="{trap}/svg"/></svg>'
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(300, 300))
        asks = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(f"{trap}/pdf"))
        made.pages[0].obj.AA = pikepdf.Dictionary(O=asks)
        made.save(folder / "a.pdf")
    link = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="{trap}/docx" TargetMode="External"/></Relationships>'
    )
    making.docx(folder / "a.docx", "关于通知", more={"word/_rels/document.xml.rels": link})
    return {
        "网页.html": page.encode(), "图标.svg": svg.encode(), "表.pdf": (folder / "a.pdf").read_bytes(),
        "通知.docx": (folder / "a.docx").read_bytes(),
    }  # fmt: skip


def addresses(archive: Archive, name: str, content: bytes) -> list[str]:
    """Every place at which this file, or what the program makes of it, is shown to the archivist."""
    try:
        record = archive.file(f"来文 {name}", {name: content}, of="WS·GZ", accepted=False)
    except ChecksFailed:
        stopped = Submission.objects.latest("pk")
        there = f"/filings/{stopped.public_id}/"
        return ["/inbox/", there, f"{there}files/1/pages/1/"]
    base = f"/records/{record.public_id}"
    return [
        f"{base}/", f"{base}/documents/1/pages/1/?width=1240", f"{base}/documents/1/content/",
        f"/search/preview/{record.public_id}/?q=通知",
    ]  # fmt: skip


@pytest.mark.promise("G6")
@pytest.mark.promise("G2")
def test_nothing_of_them_runs_and_nothing_asks_elsewhere(
    data: Path, transactional_db: None, live_server: LiveServer, tmp_path: Path, trap: Any
) -> None:
    address, asked = trap
    archive = build_archive(build_cast())
    shown = {name: addresses(archive, name, content) for name, content in hostile(tmp_path, address).items()}
    archive.work()
    search.index_once()
    cookies = {name: morsel.value for name, morsel in archive.cast.client("lin").cookies.items()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        watched = Watched(context, live_server.url)
        # First that the watch sees what it is to see: the same page, opened as it is, does all of it.
        watched.look(f"{address}/control")
        assert watched.dialogs and watched.elsewhere and asked
        for seen in (watched.dialogs, watched.elsewhere, asked):
            seen.clear()
        context.add_cookies([{"name": key, "value": value, "url": live_server.url} for key, value in cookies.items()])
        told = {path: watched.look(live_server.url + path) for paths in shown.values() for path in paths}
        browser.close()
    assert (watched.dialogs, watched.elsewhere, asked) == ([], [], [])
    # Nothing of it is hollow: what was taken in has its page, its image and its preview; what was refused says so.
    assert {path: status for path, status in told.items() if status not in {200, DOWNLOAD, 404}} == {}
    assert all(told[paths[0]] == 200 for paths in shown.values())
    drawn = [path for path, status in told.items() if "/pages/" in path and status == 200]
    assert len(drawn) >= 2, told


class Watched:
    """A browser's context: pages opened in it, dialogs that came up, and addresses that were asked beyond ours."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.dialogs: list[str] = []
        self.elsewhere: list[str] = []

    def look(self, address: str) -> int:
        """Open an address, wait while its picture is being made, give whatever would run time to do so."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: (self.dialogs.append(f"{address} {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._asked(address, request.url))
        status = 503
        until = time.monotonic() + PATIENCE / 1000
        while status == 503 and time.monotonic() < until:
            try:
                answer = page.goto(address)
                status = answer.status if answer is not None else 200
            except Error as left:  # an original leaves as a download, which Chromium tells as an aborted navigation
                assert "ERR_ABORTED" in str(left) or "Download is starting" in str(left), left
                status = DOWNLOAD
            page.wait_for_timeout(REST)
        page.close()
        return status

    def _asked(self, address: str, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:")):
            self.elsewhere.append(f"{address} {url}")
