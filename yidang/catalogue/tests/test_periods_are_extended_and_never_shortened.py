"""Retention: periods end on the right day, are only ever extended, and a hold beats their end (promise D2)."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.archive import Archive
from yidang import vault
from yidang.audit.rows import check_rows
from yidang.catalogue import actions
from yidang.catalogue.actions.keeping_longer import NotLonger
from yidang.catalogue.models import Record, RetentionHold, RetentionRule
from yidang.catalogue.retention import end_of, is_longer, last_day, months_of, must_stay
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.jobs.worker import Worker

CASES = 10_000
pytestmark = pytest.mark.django_db


def by_the_calendar(event: date, months: int) -> date:
    """The oracle: walk from month to month by days alone, with no arithmetic on months or years.

    The period begins on the day after the event; a day of the month that a month does not have is its last day.
    """
    at, passed = event.replace(day=1), 0
    while passed < months:
        at += timedelta(days=32 - at.day)  # some day of the next month
        at -= timedelta(days=at.day - 1)
        passed += 1
    day = at
    while day.day < event.day and (day + timedelta(days=1)).month == at.month:
        day += timedelta(days=1)
    return day


@pytest.mark.promise("D2")
def test_ten_thousand_periods_end_on_the_day_that_an_independent_calendar_finds() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    awkward = [date(year, 2, 29) for year in range(1952, 2060, 4)] + [date(year, 12, 31) for year in range(1950, 2060)]
    for number in range(CASES):
        event = dice.choice(awkward) if number % 4 == 0 else date(1950, 1, 1) + timedelta(days=dice.randrange(40_000))
        months = dice.choice([6, 12, 24, 36, 60, 120, 180, 240, 360, 600])
        end = last_day(event, months)
        assert end == by_the_calendar(event, months), (event, months)
        longer = months + dice.randrange(1, 600)
        assert last_day(event, longer) > end


@pytest.mark.promise("D2")
def test_of_any_two_periods_one_at_most_is_the_longer_and_no_chain_of_extensions_gets_shorter() -> None:
    codes = ["M6", "D1", "D2", "D3", "D10", "D15", "D20", "D30", "D50", "D100", "EVT+5", "EXP+0.5", "Y", "nonsense", ""]
    for one in codes:
        for other in codes:
            assert not (is_longer(one, other) and is_longer(other, one))
            if is_longer(one, other):
                assert months_of(one) is None or (months_of(one) or 0) > (months_of(other) or 0)
    assert not any(is_longer(code, "Y") for code in codes)
    assert not is_longer("nonsense", "D10"), "an unknown code is no extension"


@pytest.mark.parametrize(
    ("event", "period", "end"),
    [
        (date(2026, 12, 31), "D10", date(2036, 12, 31)),
        (date(2024, 2, 29), "D10", date(2034, 2, 28)),
        (date(2024, 2, 29), "D20", date(2044, 2, 29)),
        (date(2026, 8, 31), "M6", date(2027, 2, 28)),
        (date(2026, 3, 5), "EXP+0.5", date(2026, 9, 5)),
    ],
)
def test_days_that_people_can_check(event: date, period: str, end: date) -> None:
    assert last_day(event, months_of(period) or 0) == end


def test_papers_count_from_the_end_of_their_filing_year_accounts_from_the_fiscal_year(archive: Archive, data) -> None:
    paper = archive.file(date="2026-03-05", retention="D10")
    assert end_of(paper).last_day == date(2036, 12, 31)
    voucher = Record.objects.get(
        pk=archive.file(
            of="KU·QT", by="lin", date="2025-06-30", year=2025, retention="D30", metadata={"period": "2025-06-30"}
        ).pk
    )
    assert (end_of(voucher).waits_for, end_of(voucher).last_day) == ("FY_END", date(2055, 12, 31))
    assert end_of(archive.file(retention="Y")).permanent


def test_a_patients_records_count_from_the_last_discharge_of_all_their_stays(archive: Archive, data) -> None:
    said = {"of": "ZY·BA", "by": "he", "retention": "D30", "patient_number": "0042", "metadata": archive_fields()}
    first = archive.file(date="2001-04-02", **said)
    assert end_of(first).last_day == date(2031, 4, 2)
    archive.file(date="2019-12-24", **said)
    assert end_of(first).last_day == date(2049, 12, 24)


def archive_fields() -> dict[str, str]:
    return {"patient_name": "严佳", "patient_number": "0042"}


def test_an_event_that_nobody_wrote_down_keeps_the_record(archive: Archive, data) -> None:
    record = archive.file(retention="D10")
    rule = RetentionRule.objects.filter(trigger="EMPLOY_END").first() or RetentionRule.objects.first()
    assert rule is not None
    RetentionRule.objects.filter(pk=rule.pk).update(trigger="CONTRACT_END")
    record.retention_rule = RetentionRule.objects.get(pk=rule.pk)
    assert end_of(record).last_day is None
    assert must_stay(record, on=date(2999, 1, 1)) == "unknown"


@pytest.mark.promise("D2")
def test_the_archivist_extends_and_cannot_shorten(archive: Archive, data, trail) -> None:
    record = archive.file(retention="D30")
    lin, now = archive.cast.actor("lin"), clock.now()
    for period in ("D10", "D30", "M6", "EVT+5", "", "ZZ"):
        with pytest.raises(NotLonger):
            actions.extend_retention(record, period=period, reason="试一试缩短", actor=lin, now=now)
    with pytest.raises(InvalidInput):
        actions.extend_retention(record, period="Y", reason=" ", actor=lin, now=now)
    for who in ("zhao", "he", "xu"):
        with pytest.raises((NotAllowed, NotFound)):
            actions.extend_retention(
                record, period="Y", reason="不归他管的档案", actor=archive.cast.actor(who), now=now
            )
    actions.extend_retention(record, period="Y", reason="医院重大基本建设", actor=lin, now=now)
    record.refresh_from_db()
    assert record.retention == "Y"
    assert trail(event="catalogue.retention.extended").count() == 1
    with pytest.raises(NotLonger):
        actions.extend_retention(record, period="D100", reason="永久改为定期", actor=lin, now=now)
    assert not list(check_rows())


@pytest.mark.promise("D2")
def test_a_hold_beats_the_end_and_stands_in_the_object(archive: Archive, data) -> None:
    record = archive.file(date="2000-03-05", retention="D10", year=2000)
    lin, now = archive.cast.actor("lin"), clock.now()
    today = date(2026, 11, 24)
    assert must_stay(record, on=date(2010, 12, 31)) == "running"
    assert must_stay(record, on=today) == ""
    hold = actions.place_hold(record, reason="未了结的合同纠纷", actor=lin, now=now)
    assert must_stay(record, on=today) == "held"
    Worker(threads=1).run_pending()
    told = json.loads(vault.local_path(record.object_id, "record.json").read_text())
    assert [one["reason"] for one in told["holds"]] == ["未了结的合同纠纷"]
    assert not list(check_rows())
    RetentionHold.objects.update(reason="改了")
    assert [fault.kind for fault in check_rows()] == ["row_edited"]
    RetentionHold.objects.update(reason="未了结的合同纠纷")
    with pytest.raises(InvalidInput):
        actions.lift_hold(record, hold.public_id, note="", actor=lin, now=now)
    actions.lift_hold(record, hold.public_id, note="法院已调解结案", actor=lin, now=now)
    assert must_stay(record, on=today) == ""
    with pytest.raises(WrongState):
        actions.lift_hold(record, hold.public_id, note="再解除一次", actor=lin, now=now)


def test_the_page_says_until_when_and_takes_the_deeds(archive: Archive, data: Path) -> None:
    record = archive.file(date="2026-03-05", retention="D10")
    browser = archive.cast.client("lin")
    address = f"/catalogue/records/{record.public_id}/retention/"
    assert "2036-12-31" in browser.get(address).content.decode()
    assert "2036-12-31" in browser.get(f"/records/{record.public_id}/").content.decode()
    assert browser.post(address, {"do": "extend", "period": "D10", "reason": "同样长"}).status_code == 422
    assert browser.post(address, {"do": "extend", "period": "D30", "reason": "改为三十年"}).status_code == 302
    assert "2056-12-31" in browser.get(address).content.decode()
    assert browser.post(address, {"do": "hold", "reason": "审计期间保留"}).status_code == 302
    assert "审计期间保留" in browser.get("/catalogue/holds/").content.decode()
    hold = RetentionHold.objects.get()
    browser.post(f"{address}holds/{hold.public_id}/lift/", {"note": "审计已结束"})
    assert "审计已结束" in browser.get(address).content.decode()
    reader = archive.cast.client("xu")
    assert reader.post(address, {"do": "hold", "reason": "不归她管理"}).status_code in {403, 404}
    assert reader.get("/catalogue/holds/").status_code == 404
