"""The page of search in a real Chromium: keys, filters, suggestions, an office PC and a phone, both languages."""

import threading
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import sync_playwright

from yidang.search.indexing import index_once
from yidang.search.tests.middleware import ActorFromHeader
from yidang.search.tests.stage import build_stage
from yidang.ui import assets

AXE = Path(assets.__file__).parent / "static" / "vendor" / "test" / "axe.min.js"
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
RUN_AXE = """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}))
  .violations.map((found) => found.id + ": " + found.nodes.map((node) => node.target + " " + node.failureSummary).join(" | "))"""
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def served(data, transactional_db, settings, monkeypatch):
    settings.ROOT_URLCONF = "yidang.search.tests.addresses"
    settings.YIDANG_NAVIGATION = []
    settings.MIDDLEWARE = [
        "yidang.ui.security.SecurityHeadersMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "yidang.ui.language.LanguageMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "yidang.search.tests.middleware.ActorFromHeader",
        "yidang.ui.errors.ErrorMiddleware",
    ]
    stage = build_stage()
    monkeypatch.setattr(ActorFromHeader, "actors", {name: stage.actor(name) for name in stage.people})
    for number in range(25):
        stage.record(
            f"输液泵采购合同（{number}）", pages=["甲方向乙方采购容量式输液泵 60 台，单价人民币 8,450 元。", "附件：输液泵流速范围 0.1–1500 mL/h"] if number % 5 else None,
            code=f"Y012-SB·2026-D30-{number:04d}", document_number=f"仁医发〔2026〕{number}号", year=2022 + number % 4, date="2026-03-05",
            retention=["Y", "D30", "D10"][number % 3], state=["received", "archived"][number % 2], parties=["欧阳春"] if number == 3 else [],
        )  # fmt: skip
    index_once()
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def browse(served):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def open_page(address, *, width=1366, height=768, language="zh-hans", theme="light"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                extra_http_headers={"X-Test-Actor": "lin"},
                color_scheme=theme,
            )
            context.add_cookies([{"name": "yidang_language", "value": language, "url": served}])
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
                    None if request.url.startswith((served, "data:")) else page.complaints.append(request.url)
                ),
            )
            page.goto(served + address)
            return page

        yield open_page
        browser.close()


def test_keys_filters_and_the_pane(browse):
    page = browse("/search/?q=输液泵 采购")
    assert page.locator(".hit").count() == 20
    page.locator(".hit").first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#peek [data-spot]")
    assert page.locator("#peek mark").count() > 0
    page.keyboard.press(" ")
    assert page.locator("[data-peek-now]").inner_text() == "2"
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.closest('#facets') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('hit')")
    page.click("text=2023")
    assert "year=2023" in page.url and page.locator(".chip.on").count() == 1
    page.click(".facet:has-text('2023')")
    assert "year%21=2023" in page.url and page.locator(".chip.not").count() == 1
    page.click(".chip .xbtn")
    page.click("a[rel=next]")
    assert page.locator(".hit").count() == 5
    assert page.complaints == []


def test_the_box_suggests_and_an_unfinished_composition_sends_nothing(browse):
    page = browse("/search/")
    page.click("[data-find]")
    page.keyboard.type("ouy")
    page.wait_for_selector(".suggest [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    assert page.locator(".hit").count() == 1
    assert page.complaints == []


def test_a_search_is_saved_and_found_again(browse):
    page = browse("/search/?q=输液泵&class=WS")
    page.keyboard.press("s")
    page.fill("#save-search input[name=name]", "泵")
    page.click("#save-search button[type=submit]")
    page.wait_for_selector(".toast")
    page.click("summary:has-text('已存检索')")
    page.click(".drop a:has-text('泵')")
    assert page.locator(".hit").count() == 20
    assert page.complaints == []


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_it_is_accessible_and_fits(browse, size, language, theme, tmp_path):
    for address in ("/search/?q=输液泵 采购&year=2023", "/search/", "/search/?q=没有这样的东西吧", "/search/saved/"):
        page = browse(address, width=size[0], height=size[1], language=language, theme=theme)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(RUN_AXE) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.complaints == []
        page.screenshot(path=tmp_path / f"{size[0]}-{language}-{len(address)}.png")
