"""The hospital's hours: the 168 of a week, and which of them are night."""

from datetime import UTC, date, datetime, timedelta

from django.utils.timezone import localtime

NIGHT_BEGINS, NIGHT_ENDS = 22, 6  # o'clock, by the hospital's clock
SLOTS = 168


def slot_of(moment: datetime) -> int:
    """The hour of the week, Monday 0:00 first."""
    here = localtime(moment)
    return here.weekday() * 24 + here.hour


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour that a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def night_of(moment: datetime) -> date | None:
    """The day on which this night began; nothing by day."""
    here = localtime(moment)
    if here.hour >= NIGHT_BEGINS:
        return here.date()
    return here.date() - timedelta(days=1) if here.hour < NIGHT_ENDS else None
