"""Every table is bound to the log or says why it is not: docs/developer/row-digests.md, the models and the kinds agree."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from yidang.audit.rows import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "developer" / "row-digests.md"


def lines() -> dict[str, str]:
    found = re.findall(r"^\| `(\w+\.\w+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert len(found) == len(dict(found)), "a table stands twice"
    return dict(found)


@pytest.mark.promise("B2")
def test_every_table_has_its_line_and_every_line_its_table() -> None:
    tables = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        if model.__module__.startswith("yidang.") and ".tests." not in model.__module__
    }
    assert tables == set(lines()), "add the table to docs/developer/row-digests.md: with its kind, or why it has none"


@pytest.mark.promise("B2")
def test_the_kinds_of_the_page_are_those_that_are_compared() -> None:
    told = {
        kind for words in lines().values() for kind in re.findall(r"`(\w+)`", words) if not words.startswith("none")
    }
    assert told == set(KINDS)
