"""The pattern page in a real Chromium: both languages, both themes, an office PC and a phone."""

import itertools
from pathlib import Path

import pytest

AXE = Path(__file__).resolve().parent.parent / "static" / "vendor" / "test" / "axe.min.js"
SIZES = {"office": (1366, 768), "phone": (390, 844)}
WAYS = list(itertools.product(SIZES, ("zh-hans", "en"), ("light", "dark")))
RUN_AXE = """async () => {
  const result = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  return result.violations.map((found) => found.id + ": " + found.nodes.map((node) => node.target + " " + node.failureSummary).join(" | "));
}"""
pytestmark = pytest.mark.browser


def _axe(page) -> list[str]:
    # Through the debugger, not as a script element: the page's own policy refuses what it did not serve.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN_AXE)


@pytest.mark.parametrize(("size", "language", "theme"), WAYS)
def test_it_is_accessible_quiet_and_fits(look, size, language, theme) -> None:
    width, height = SIZES[size]
    page = look(width=width, height=height, language=language, theme=theme)
    assert page.get_attribute("html", "data-theme") == theme
    assert page.get_attribute("html", "lang") == {"zh-hans": "zh-Hans", "en": "en"}[language]
    assert _axe(page) == []
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("(main => main.scrollWidth - main.clientWidth)(document.getElementById('main'))") <= 0


@pytest.mark.parametrize("address", ["/sign-in/", "/nowhere/", "/raise/unavailable/", "/raise/allowed/"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_beside_it_are_accessible(look, address, theme) -> None:
    assert _axe(look(address, theme=theme)) == []


def test_dialogs_and_drawers_are_accessible_and_close_with_escape(look) -> None:
    page = look()
    for name in ("sample-dialog", "sample-drawer"):
        page.click(f"[data-open={name}]")
        assert page.is_visible(f"#{name}")
        assert _axe(page) == []
        page.keyboard.press("Escape")
        assert not page.is_visible(f"#{name}")


def test_on_a_phone_the_rest_of_the_rail_stands_under_more(look) -> None:
    page = look(width=390, height=844)
    assert page.locator(".rail > a:visible").count() == 4
    page.click(".rail .more summary")
    assert page.locator(".rail .more .drop a:visible").count() == 3
    assert _axe(page) == []
