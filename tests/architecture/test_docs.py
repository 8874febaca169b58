"""The documentation says what is so: its links lead somewhere, its commands exist, generated pages are whole."""

import re
from pathlib import Path

import pytest

from tools.lint import project_files

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [path for path in project_files() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
TARGET = re.compile(r"`make ([a-z-]+)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{name_of(page)} links to {target}, which is not there."


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in TARGET.findall(page.read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), (
            f"{name_of(page)} names make {target}, which is not there."
        )


def test_the_readme_is_one_screen_in_both_languages() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("make demo") >= 2
    assert text.count("make test") >= 2
    assert len(text.splitlines()) <= 50
