"""One request in a real Chromium: asked for, signed by the head and by the leader with the password, opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.archive import Archive, build_archive
from tests.cast import PASSWORD, build_cast
from yidang.access.tests.test_pages_in_a_browser import AXE, CHROMIUM, RUN_AXE
from yidang.formats.tests import making

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def archive(data: Path, transactional_db: None) -> Archive:
    return build_archive(build_cast())


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def seated(browser: Browser, archive: Archive, server: LiveServer, who: str, *, width: int = 1366) -> Page:
    """A page of somebody who has signed in, with what it complains of."""
    context = browser.new_context(viewport={"width": width, "height": 768})
    cookies = {name: morsel.value for name, morsel in archive.cast.client(who).cookies.items()}
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items() if value])
    page = context.new_page()
    page.complaints = []
    page.on(
        "console",
        lambda message: page.complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.mark.gbt39784("8.2-3")
def test_asked_for_signed_twice_and_opened(archive, browser, live_server, tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["绩效方案 第一页"]])
    record = archive.file("关于调整绩效方案的请示", {"请示.pdf": path.read_bytes()}, accepted=False)
    archive.work()
    asker = seated(browser, archive, live_server, "zhao")
    asker.goto(f"{live_server.url}/requests/new/?record={record.public_id}")
    asker.check("input[name=actions][value=copy]")
    asker.fill("#reason", "核对绩效数据")
    asker.select_option("#basis", "duty")
    asker.click("main form button[type=submit]")
    asker.wait_for_url("**/requests/*-*/")
    assert record.title not in asker.content(), "what one does not see is not told"
    for who, width in (("wu", 1366), ("zhou", 390)):
        signer = seated(browser, archive, live_server, who, width=width)
        signer.goto(f"{live_server.url}/")
        signer.click("text=赵磊")
        signer.wait_for_url("**/signing/*-*/")
        assert record.title in signer.content()
        signer.evaluate(AXE.read_text(encoding="utf-8"))
        assert signer.evaluate(RUN_AXE) == []
        assert signer.evaluate("document.documentElement.scrollWidth") <= width
        if who == "wu":
            signer.uncheck("input[name=allow][value=copy]")
            signer.click("[data-phrase]")
            assert signer.input_value("#note") != ""
        else:
            signer.fill("#days", "2")
            signer.fill("#password", PASSWORD)
        signer.click("[data-decision] [value=approve]")
        signer.wait_for_url("**/signing/")
        assert signer.complaints == []
    asker.goto(f"{live_server.url}/grants/")
    asker.click(f"text={record.title}")
    asker.wait_for_function("() => document.querySelector('.pagebox img').naturalWidth === 1240")
    assert asker.locator("a[download]").count() == 0, "the head took the copy out"
    asker.goto(f"{live_server.url}/grants/")
    asker.click("form[action*='give-back'] button")
    asker.wait_for_load_state()
    assert asker.goto(f"{live_server.url}/records/{record.public_id}/").status == 404
    assert [one for one in asker.complaints if "404" not in one] == []
