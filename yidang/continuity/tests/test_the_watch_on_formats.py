"""What the archive holds by format, judged by the table until an archivist judges otherwise."""

import pytest

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.continuity import formats
from yidang.continuity.models import HeldFormat


@pytest.mark.gbt39784("7.4-3")
def test_formats_are_counted_with_their_risk_and_plan(archive: Archive) -> None:
    for _number in range(2):
        archive.file()
    archive.file(files={"数据.csv": "甲,乙\n1,2\n".encode()})
    assert formats.count_held(clock.now()) == HeldFormat.objects.exclude(count=0).count() == 2
    text = HeldFormat.objects.get(puid="x-fmt/111")
    assert (text.count, text.risk) == (2, "low") and text.bytes > 50
    assert formats.name_of("x-fmt/111") and formats.plan_of(text)
    archive.file()
    formats.count_held(clock.now())
    text.refresh_from_db()
    assert text.count == 3


def test_every_rule_says_its_plan_in_both_languages_and_unknown_is_high() -> None:
    for rule in formats._rules():
        assert rule["risk"] in formats.RISKS and rule["plan"]["zh"] and rule["plan"]["en"]
    assert formats.rule_for("", "application/octet-stream")["risk"] == "high"
    assert formats.rule_for("fmt/40", "application/msword")["risk"] == "high"
    assert formats.rule_for("fmt/95", "application/pdf")["risk"] == "low"
    assert formats.rule_for("fmt/18", "application/pdf")["risk"] == "medium"
    assert formats.rule_for("fmt/99999", "model/stl")["risk"] == "medium"


def test_an_archivist_judges_and_the_count_does_not_undo_it(archive: Archive) -> None:
    archive.file()
    formats.count_held(clock.now())
    held = HeldFormat.objects.get()
    lin = archive.cast.actor("lin")
    formats.judge_format(held, risk="high", plan="一年内转换", actor=lin, now=clock.now())
    formats.count_held(clock.now())
    held.refresh_from_db()
    assert (held.risk, formats.plan_of(held), held.judged_by) == ("high", "一年内转换", "lin")
    assert Entry.objects.filter(event="continuity.format.judged").count() == 1
    for username in ("sysadmin", "xu", "auditor"):
        with pytest.raises(NotAllowed):
            formats.judge_format(held, risk="low", plan="x", actor=archive.cast.actor(username), now=clock.now())
    for risk, plan in (("none", "x"), ("low", " "), ("low", "长" * 501)):
        with pytest.raises(InvalidInput):
            formats.judge_format(held, risk=risk, plan=plan, actor=lin, now=clock.now())
