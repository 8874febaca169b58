"""Promised hours are working hours, by a calendar that the archive room keeps."""

from datetime import date, datetime, timedelta

import pytest
from django.utils.timezone import get_current_timezone

from tests.cast import Cast
from yidang.approval import actions, keeping_calendar, seating, subjects
from yidang.approval.models import CalendarDay, Route
from yidang.approval.subjects import Subject
from yidang.approval.working_time import Calendar
from yidang.common.errors import InvalidInput, NotAllowed

ZONE = get_current_timezone()
pytestmark = pytest.mark.django_db


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(24, 9), 2, at(24, 11)),  # a Tuesday morning
        (at(24, 11), 2, at(24, 14, 30)),  # over the noon break
        (at(24, 22), 8, at(25, 17, 30)),  # asked at night: the whole next day
        (at(27, 16, 30), 2, at(30, 9)),  # over a weekend
        (at(28, 10), 1, at(30, 9)),  # asked on a Saturday
        (at(24, 8), 80, at(7, 17, 30, 12)),  # ten days
    ],
)
def test_hours_count_while_the_offices_are_open(start, hours, end):
    calendar = Calendar()
    assert calendar.after(start, hours) == end
    assert calendar.between(start, end) == timedelta(hours=hours)


def test_holidays_and_days_worked_in_exchange_are_entered_and_count(cast: Cast, monkeypatch):
    monkeypatch.setattr(subjects, "_subjects", {"lending": Subject("lending", lambda *_all: None)})
    steps = [{"signers": [{"by": "duty", "value": "approver"}], "need": "any"}]
    Route.objects.create(kind="lending", key="usual", steps=steps, target_hours=8)
    friday = at(27, 8)
    case = actions.open_case("lending", "R-1", facts={}, actor=cast.actor("zhao"), now=friday)
    assert case.due_at == at(27, 17, 30)
    browser = cast.client("lin")
    said = {"first": "2026-11-27", "last": "2026-11-27", "worked": "no", "note": "校庆"}
    assert browser.post("/signing/calendar/", said).status_code == 302
    case.refresh_from_db()
    assert case.due_at == at(30, 17, 30)
    browser.post("/signing/calendar/", {"first": "2026-11-28", "worked": "yes", "note": "调休上班"})
    case.refresh_from_db()
    assert case.due_at == at(28, 17, 30)
    assert not seating.after_hours(at(28, 10)) and seating.after_hours(at(27, 10)) and seating.after_hours(at(28, 20))
    shown = browser.get("/signing/calendar/?year=2026").content.decode()
    assert "2026-11-27" in shown and "校庆" in shown
    browser.post("/signing/calendar/", {"clear": "2026-11-27"})
    case.refresh_from_db()
    assert case.due_at == at(27, 17, 30) and CalendarDay.objects.count() == 1


def test_only_the_archive_room_keeps_the_calendar_and_holidays_have_an_end(cast: Cast):
    for username in ("wu", "zhou", "zhao", "secadmin", "sysadmin"):
        assert cast.client(username).get("/signing/calendar/").status_code == 403
        with pytest.raises(NotAllowed):
            keeping_calendar.clear_day(date(2026, 10, 1), actor=cast.actor(username), now=at(24, 9))
    for last in (date(2026, 9, 30), date(2027, 1, 1)):
        with pytest.raises(InvalidInput):
            keeping_calendar.enter_days(
                date(2026, 10, 1), last, worked=False, note="", actor=cast.actor("lin"), now=at(24, 9)
            )
    assert cast.client("lin").post("/signing/calendar/", {"first": "soon"}).status_code == 422
    assert not CalendarDay.objects.exists()


def test_a_year_without_holidays_is_pointed_at(cast: Cast):
    shown = cast.client("lin").get("/signing/calendar/").content.decode()
    assert shown.count("note warn") == 2
