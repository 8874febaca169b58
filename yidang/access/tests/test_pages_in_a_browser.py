"""A record, the desk and the arrivals in a real Chromium: accessible, fitting, silent, in both languages, on a phone too."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang import search
from yidang.catalogue.models import Record
from yidang.formats.tests import making
from yidang.ui import assets

AXE = Path(assets.__file__).parent / "static" / "vendor" / "test" / "axe.min.js"
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
RUN_AXE = """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}))
  .violations.map((found) => found.id + ": " + found.nodes.map((node) => node.target + " " + node.failureSummary).join(" | "))"""
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Look = Callable[..., Page]


@pytest.fixture
def stage(data: Path, transactional_db: None, tmp_path: Path) -> tuple[Archive, Record]:
    """Three pages that everybody sees, read and in the index; something that waits."""
    archive = build_archive(build_cast())
    path = making.pdf(tmp_path / "a.pdf", [["第一页 设备采购管理办法"], ["第二页 输液泵"], ["第三页 输液泵"]])
    record = archive.file(
        "关于印发《设备采购管理办法（试行）》的通知",
        {"设备采购管理办法.pdf": path.read_bytes(), "附件 一份名字很长很长的清单.txt": "输液泵 60 台\n".encode()},
        of="WS·GZ", keywords=["采购", "设备"], workflow=[{"step": "签发", "who": "周文", "at": "2026-03-05 09:00", "opinion": "同意"}],
    )  # fmt: skip
    archive.file("等待验收的通知", accepted=False)
    archive.work()
    search.index_once()
    return archive, record


@pytest.fixture
def look(stage: tuple[Archive, Record], live_server: LiveServer) -> Iterator[Look]:
    """Opens a page as somebody and notes errors in the console and requests to elsewhere."""
    archive, _record = stage
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def open_page(
            address: str,
            *,
            who: str = "lin",
            width: int = 1366,
            height: int = 768,
            language: str = "zh-hans",
            theme: str = "light",
        ) -> Page:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
            cookies = {name: morsel.value for name, morsel in archive.cast.client(who).cookies.items()} | {
                "yidang_language": language
            }
            context.add_cookies(
                [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items() if value]
            )
            page = context.new_page()
            page.complaints = []
            page.on(
                "console",
                lambda message: page.complaints.append(message.text) if message.type in {"error", "warning"} else None,
            )
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.on(
                "request",
                lambda request: (
                    None if request.url.startswith((live_server.url, "data:")) else page.complaints.append(request.url)
                ),
            )
            page.goto(live_server.url + address)
            return page

        yield open_page
        browser.close()


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_pages_are_accessible_fit_and_stay_silent(stage, look, size, language, theme, tmp_path):
    record = stage[1]
    wrong = []
    for address in (
        f"/records/{record.public_id}/",
        "/",
        "/inbox/",
        "/tasks/",
        "/texts/",
        "/catalogue/",
        "/catalogue/classes/WS/",
    ):
        page = look(address, width=size[0], height=size[1], language=language, theme=theme)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        wrong += [f"{address} {found}" for found in page.evaluate(RUN_AXE)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        wrong += [f"{address} is {wide} wide"] if wide > size[0] else []
        wrong += [f"{address} {complaint}" for complaint in page.complaints]
        page.screenshot(path=tmp_path / f"{address.strip('/').replace('/', '-')[:30] or 'desk'}.png")
    assert wrong == []


def test_a_page_is_turned_zoomed_and_its_hits_are_walked(stage, look):
    record = stage[1]
    page = look(f"/records/{record.public_id}/")
    page.wait_for_function("document.querySelector('.pagebox img').naturalWidth === 1240")
    page.click("[data-zoom-step='1']")
    assert page.locator(".vpage").get_attribute("data-zoom") == "50"
    page.click("[data-turn-step]")
    assert page.locator(".vpage").get_attribute("data-turn") == "90"
    page.fill("[data-hits-form] input[type=search]", "输液泵")
    page.keyboard.press("Enter")
    page.wait_for_url("**page=2**")
    page.wait_for_function("document.querySelector('[data-hits-count]').textContent.trim() === '1 / 3'")
    page.click("[data-hit-step='1']")
    page.wait_for_url("**page=3**")
    assert page.complaints == []


def test_who_sees_the_entry_alone_is_told_so(stage, look):
    archive, _record = stage
    record = archive.file("赵磊 干部履历表", of="RS", by="lin", owner="zhao", metadata={"material": "resume"})
    page = look(f"/records/{record.public_id}/")
    assert page.locator("text=仅向您开放目录条目").count() == 1
    assert page.locator("img.sheet").count() == 0
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert page.complaints == []
