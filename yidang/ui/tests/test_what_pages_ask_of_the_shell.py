"""Icons and components that the pages of every package name are there: a slip is found before a person opens the page."""

import re
from pathlib import Path

from yidang.ui.templatetags.ui import ICONS

PACKAGES = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(PACKAGES.glob("*/templates/**/*.html"))


def _named(pattern: str) -> list[tuple[str, str]]:
    return [
        (str(file.relative_to(PACKAGES)), name)
        for file in TEMPLATES
        for name in re.findall(pattern, file.read_text(encoding="utf-8"))
    ]


def test_every_icon_that_a_page_names_is_copied() -> None:
    named = _named(r"""{%\s*icon\s+["']([^"']+)["']""") + _named(r"""icon_name=["']([^"']+)["']""")
    assert [(page, name) for page, name in named if not (ICONS / f"{name}.svg").is_file()] == []


def test_every_component_that_a_page_includes_is_there() -> None:
    here = PACKAGES / "ui" / "templates"
    named = _named(r"""{%\s*(?:include|extends)\s+["'](ui/[^"']+)["']""")
    assert [(page, name) for page, name in named if not (here / name).is_file()] == []


def test_no_page_draws_a_style_attribute_through_a_tag() -> None:
    assert [page for page, _ in _named(r"""<[a-z]+[^>]*\s(style)=""")] == []
