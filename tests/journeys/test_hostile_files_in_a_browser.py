"""Hostile SVG, HTML, PDF, Office and mail in a real Chromium: no preview, page or download runs a script, opens a dialog or asks elsewhere."""

from http.server import BaseHTTPRequestHandler, HTTPServer
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
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def trap() -> Any:
    """A server that no page may ask; what asks it is noted."""
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Trap)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def hostile(folder: Path, trap: str) -> dict[str, bytes]:
    """What people may send: each would call the trap or open a dialog if anything of it ran."""
    run = f"alert(1);fetch('{trap}/fetched');new Image().src='{trap}/image'"
    page = f"<html><head><title>通知</title></head><body onload=\"{run}\"><script>{run}</script><img src='{trap}/img'><p>通知</p></body></html>"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40" onload="{run}"><script>{run}</script><image href="{trap}/svg"/></svg>'
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(300, 300))
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(f"{trap}/pdf"))
        made.pages[0].obj.AA = pikepdf.Dictionary(O=action)
        made.save(folder / "a.pdf")
    link = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="{trap}/docx" TargetMode="External"/></Relationships>'
    )
    making.docx(folder / "a.docx", "关于通知", more={"word/_rels/document.xml.rels": link})
    mail = f"From: a@example.cn\r\nTo: b@example.cn\r\nSubject: =?utf-8?B?6YCa55+l?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}"
    return {
        "网页.html": page.encode(), "图标.svg": svg.encode(), "冒充.txt": page.encode(), "表.pdf": (folder / "a.pdf").read_bytes(),
        "通知.docx": (folder / "a.docx").read_bytes(), "邮件.eml": mail.encode(), "图.xhtml": svg.encode(),
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
    pages = [f"{base}/documents/1/pages/1/?width={width}" for width in (320, 1240)]
    return [f"{base}/", *pages, f"{base}/documents/1/content/", f"/search/preview/{record.public_id}/?q=通知"]


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
    dialogs: list[str] = []
    elsewhere: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(accept_downloads=True)
        context.add_cookies([{"name": key, "value": value, "url": live_server.url} for key, value in cookies.items()])
        seen = sum(
            visit(context, live_server.url, path, dialogs, elsewhere) for paths in shown.values() for path in paths
        )
        browser.close()
    assert seen == sum(map(len, shown.values()))
    assert any("/records/" in path for paths in shown.values() for path in paths), "some of them were kept"
    assert (dialogs, elsewhere, asked) == ([], [], [])


def visit(context: BrowserContext, base: str, path: str, dialogs: list[str], elsewhere: list[str]) -> int:
    """Open an address and give whatever would run half a second to do so; a download counts as opened."""
    page = context.new_page()
    page.on("dialog", lambda dialog: (dialogs.append(f"{path} {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((base, "data:", "blob:")) else elsewhere.append(f"{path} {asked.url}")
        ),
    )
    try:
        answer = page.goto(base + path)
        assert answer is not None and answer.status in {200, 404, 422, 503}, f"{path}: {answer and answer.status}"
    except Error as left:  # an original leaves as a download, which Chromium tells as an aborted navigation
        assert "ERR_ABORTED" in str(left) or "Download is starting" in str(left), left
    page.wait_for_timeout(500)
    page.close()
    return 1
