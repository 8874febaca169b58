"""Working hours: what is promised in hours counts while the offices are open, by a calendar that the archive room keeps.

Without an entry a day from Monday to Friday is worked and a weekend is free; the holidays of a year and the days worked
in exchange are announced year by year, so they are entered, never guessed.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_current_timezone, localtime

from yidang.approval.models import CalendarDay

SPANS = ((time(8, 0), time(12, 0)), (time(13, 30), time(17, 30)))
OPENS, CLOSES = SPANS[0][0], SPANS[-1][1]
DAYS_MOST = 1000


class Calendar:
    """The entered days, read once."""

    def __init__(self) -> None:
        self._entered = dict(CalendarDay.objects.values_list("day", "worked"))

    def is_worked(self, day: date) -> bool:
        """Whether the offices are open on a day."""
        return self._entered.get(day, day.weekday() < 5)

    def is_open(self, moment: datetime) -> bool:
        """Whether the offices are open at a moment; the noon break is no time for the duty officer."""
        here = localtime(moment)
        return self.is_worked(here.date()) and OPENS <= here.time() < CLOSES

    def after(self, start: datetime, hours: int) -> datetime:
        """The moment when so many working hours have passed."""
        left = timedelta(hours=hours)
        for begins, ends in self._spans(start):
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
        return start + timedelta(
            days=DAYS_MOST
        )  # three years without an office: somebody entered a calendar of holidays

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments."""
        passed = timedelta()
        for begins, ends in self._spans(start):
            if begins >= end:
                break
            passed += min(ends, end) - begins
        return passed

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working spans from a moment on, the first cut where it has begun."""
        zone = get_current_timezone()
        first = localtime(start).date()
        for day in (first + timedelta(days=count) for count in range(DAYS_MOST)):
            if not self.is_worked(day):
                continue
            for opens, closes in SPANS:
                begins, ends = (datetime.combine(day, at, tzinfo=zone) for at in (opens, closes))
                if ends > start:
                    yield max(begins, start), ends
