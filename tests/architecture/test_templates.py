"""Every template can be compiled, so that a slip is found before a person finds it."""

from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(
    str(path.relative_to(folder)) for folder in (ROOT / "yidang").glob("*/templates") for path in folder.rglob("*.html")
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_stands_in_the_folder_of_its_package(name: str) -> None:
    package = name.split("/")[0]
    assert (ROOT / "yidang" / package / "templates" / name).exists() or package in {"django", "registration"}
