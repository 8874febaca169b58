"""Whoever reads the log reads words: each event that the program writes has its label in both languages."""

import re
from pathlib import Path

import pytest
from django.utils import translation

import yidang
from yidang.audit.events import LABELS, label

WRITTEN = re.compile(
    r"\"((?:access|approval|audit|catalogue|continuity|digitisation|intake|jobs|oversight|people|permissions|search|system|upkeep|vault)\.[a-z_]+\.[a-z_]+)\""
)
# Names of that shape that are no events: settings of other libraries and marks of the interface have none here.
ROOT = Path(yidang.__file__).parent


def written() -> set[str]:
    """The names of events as they stand in the program."""
    sources = [path for path in ROOT.rglob("*.py") if "tests" not in path.parts and "migrations" not in path.parts]
    return {name for path in sources for name in WRITTEN.findall(path.read_text(encoding="utf-8"))}


def test_each_event_has_its_words() -> None:
    assert sorted(written() - set(LABELS)) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_words_are_of_the_readers_language(language: str) -> None:
    with translation.override(language):
        words = [label(name) for name in LABELS]
    assert all(re.search("[\u4e00-\u9fff]", one) for one in words) is (language == "zh-hans")
    assert len(set(words)) == len(words)


def test_a_page_that_was_looked_at_and_a_name_of_elsewhere_are_shown_as_they_are() -> None:
    with translation.override("zh-hans"):
        assert label("web.catalogue.class.seen") == "查看页面：catalogue.class"
        assert label("elsewhere.thing.done") == "elsewhere.thing.done"
