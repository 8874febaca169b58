"""When a record's period ends: counted from an event, to the day that corresponds to it, never before a hold is lifted.

A period counts from the day after its event and ends with the day of the month that corresponds to the event's, or with
the month's last day where there is none (Civil Code, articles 201 and 202). Papers count from the end of the filing year,
accounting papers from the end of the fiscal year, which in China is the calendar year (会计法 article 11), inpatient records
from the patient's last discharge.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from yidang.catalogue.models import Record, RetentionHold
from yidang.permissions.reach import CARE

PERMANENT = "Y"
_CODE = re.compile(r"(?:D(?P<years>\d{1,3})|M(?P<months>\d{1,4})|[A-Z]+\+(?P<after>\d{1,3}(?:\.5)?))")
YEAR_END, FISCAL, CREATED, ISSUED, DISCHARGE = "YEAR_END", "FY_END", "CREATED", "ISSUE_DATE", "LAST_DISCHARGE"
_ACCOUNTING = "KU"
# What a record's period may be made into; only ever a longer one.
PERIODS = ("D10", "D15", "D20", "D30", "D50", "D100", PERMANENT)


@dataclass(frozen=True, slots=True)
class End:
    """How far a record's period is known.

    :param event: the day from which it counts; none while the event has not come, or nobody wrote it down
    :param last_day: the last day on which it must be kept; none while that cannot be told, and for ever
    :param waits_for: the event's name in the schedule
    """

    event: date | None
    last_day: date | None
    waits_for: str
    permanent: bool = False


def months_of(period: str) -> int | None:
    """A period in months; none: for ever, or a code that names no length, which is kept as long as one for ever."""
    found = _CODE.fullmatch(period)
    if found is None:
        return None
    if found["months"]:
        return int(found["months"])
    return int(12 * float(found["years"] or found["after"]))


def is_longer(period: str, than: str) -> bool:
    """Whether one period outlasts another, counted from the same day."""
    months, before = months_of(period), months_of(than)
    if before is None:
        return False
    return period == PERMANENT if months is None else months > before


def last_day(event: date, months: int) -> date:
    """The day that corresponds to the event's, so many months later; where the month has none, its last one."""
    year, month = divmod(event.year * 12 + event.month - 1 + months, 12)
    return date(year, month + 1, min(event.day, monthrange(year, month + 1)[1]))


def end_of(record: Record) -> End:
    """How long a record is kept: as long as its own period, and as long as the volume in which it sits."""
    own = _end_of(record)
    if record.volume is None:
        return own
    around = _end_of(record.volume)
    if own.permanent or around.permanent:
        return own if own.permanent else around
    if own.last_day is None or around.last_day is None:
        return own if own.last_day is None else around
    return max(own, around, key=lambda end: end.last_day or date.max)


def _end_of(record: Record) -> End:
    trigger = _trigger(record)
    months = months_of(record.retention)
    if months is None:
        return End(None, None, trigger, permanent=True)
    event = _event(record, trigger)
    return End(event, last_day(event, months) if event else None, trigger)


def _trigger(record: Record) -> str:
    if record.retention_rule is not None:
        return record.retention_rule.trigger
    if record.patient_number and record.record_class.visibility == CARE:
        return DISCHARGE
    return FISCAL if record.record_class.code.split("·")[0] == _ACCOUNTING else YEAR_END


def _event(record: Record, trigger: str) -> date | None:
    if trigger in {YEAR_END, FISCAL}:
        return date(record.year, 12, 31)
    if trigger in {CREATED, ISSUED}:
        return record.date_last
    if trigger == DISCHARGE and record.patient_number:
        stays = Record.objects.filter(patient_number=record.patient_number, record_class__visibility=CARE)
        day: date | None = stays.exclude(state=Record.WITHDRAWN).aggregate(day=Max("date_last"))["day"]
        return day
    return None


def must_stay(record: Record, *, on: date) -> str:
    """Why a record may not end on a day: ``held``, ``permanent``, ``unknown`` or ``running``; empty when it may."""
    if RetentionHold.objects.filter(record_id__in=[record.pk, record.volume_id or 0], lifted_at=None).exists():
        return "held"
    end = end_of(record)
    if end.permanent:
        return "permanent"
    if end.last_day is None:
        return "unknown"
    return "running" if on <= end.last_day else ""
