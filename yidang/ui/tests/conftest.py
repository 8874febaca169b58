"""The shell served alone, without a database, and a real Chromium to look at it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
SHELL = {
    "ROOT_URLCONF": "yidang.ui.tests.shell_urls",
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "YIDANG_NAVIGATION": ["yidang.ui.tests.stand_ins.items"],
    "YIDANG_LANGUAGE_HOOK": "",
    "MIDDLEWARE": [
        "yidang.ui.security.SecurityHeadersMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "yidang.ui.language.LanguageMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "yidang.ui.tests.stand_ins.ActorStandIn",
        "yidang.ui.errors.ErrorMiddleware",
    ],
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shell(settings) -> None:
    """The settings of the shell alone."""
    for name, value in SHELL.items():
        setattr(settings, name, value)


@pytest.fixture(scope="module")  # longer, its settings would leak into the tests of other packages
def shell_server() -> Iterator[str]:
    with override_settings(**SHELL):
        server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")  # a driver that lived on would stand in the way of the next package's own
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Browser, shell_server: str) -> Iterator:
    """Opens a page and notes what a good page never does: errors in the console, requests to elsewhere."""
    contexts = []

    def open_page(
        address: str = "/patterns/",
        *,
        width: int = 1366,
        height: int = 768,
        language: str = "zh-hans",
        theme: str = "light",
    ) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        contexts.append(context)
        context.add_cookies([{"name": "yidang_language", "value": language, "url": shell_server}])
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
                None if request.url.startswith((shell_server, "data:")) else page.complaints.append(request.url)
            ),
        )
        page.goto(shell_server + address)
        return page

    yield open_page
    for context in contexts:
        context.close()
