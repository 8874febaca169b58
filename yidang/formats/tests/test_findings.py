"""Every finding has its sentences in both languages, and they name what they speak of."""

import re

import pytest

from yidang.formats import findings


@pytest.mark.parametrize("code", sorted(findings.KINDS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_finding_says_what_is_wrong_and_what_to_do(code, language):
    what, remedy = findings.describe(findings.finding(code), language=language)
    assert what != code
    assert bool(remedy) == (findings.KINDS[code][0] != "pass")
    assert bool(re.search(r"[\u4e00-\u9fff]", what)) == (language == "zh-hans")


def test_no_sentence_speaks_of_an_unknown_finding():
    assert set(findings._texts()) == set(findings.KINDS)


def test_facts_stand_in_the_sentence():
    found = findings.finding("extension_differs", extension="pdf", name="PNG", expected="png")
    assert "PNG" in findings.describe(found, language="en")[0]
    assert ".pdf" in findings.describe(found.code, found.params, "zh-hans")[0]
