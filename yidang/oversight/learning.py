"""What is usual: robust figures by department, person and hour of the week, from the last eight weeks.

A night on a ward is as loud as its nights are; hours that belong to an alarm which nobody explained teach nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from django.db import transaction

from yidang.oversight.hours import SLOTS, night_of, slot_of
from yidang.oversight.models import Alarm, Departure, ReadingHour, Usual
from yidang.people.models import User

WEEKS = 8
LEAST_SEEN = 8  # hours; of fewer nothing is learnt
LEAST_DAYS = 14  # before that a department's or person's habits are not known
FLOOR, CEILING = 30, 300  # records in an hour: never an alarm below, always one from here
UNLEARNT = 100  # the limit while nothing is known
LEAVING_FLOOR = 15
_SPREADS = 6 * 1.4826  # six robust standard deviations above the middle


def learn(*, now: datetime) -> int:
    """Work out anew what is usual for each department and person; returns for how many."""
    since = now - timedelta(weeks=WEEKS)
    departments = dict(User.objects.values_list("pk", "department_id"))
    odd = _odd_hours(since)
    places: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    people: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    nights: dict[tuple[str, int], set[date]] = defaultdict(set)
    first: dict[tuple[str, int], datetime] = {}
    rows = ReadingHour.objects.filter(hour__gte=since, hour__lt=now).order_by("hour")
    for user, hour, records in rows.values_list("user_id", "hour", "records").iterator():
        if any(begin <= hour <= end for begin, end in odd.get(user, ())):
            continue
        slot, night, department = slot_of(hour), night_of(hour), departments.get(user)
        people[user][slot].append(records)
        keys = [("user", user)]
        if department is not None:
            places[department][slot].append(records)
            keys.append(("department", department))
        for key in keys:
            first.setdefault(key, hour)
            if night:
                nights[key].add(night)
    made = [
        Usual(
            **{f"{kind}_id": key}, limits=limits_of(seen), nights=len(nights[kind, key]),
            days=(now - first[kind, key]).days, learnt_at=now,
        )
        for kind, group in (("department", places), ("user", people))
        for key, seen in group.items()
    ]  # fmt: skip
    with transaction.atomic():
        Usual.objects.all().delete()
        Usual.objects.bulk_create(made, batch_size=500)
        ReadingHour.objects.filter(hour__lt=since).delete()
    return len(made)


def _odd_hours(since: datetime) -> dict[int, list[tuple[datetime, datetime]]]:
    """The spans of alarms that were not explained, by person."""
    odd: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = Alarm.objects.filter(last_at__gte=since).exclude(verdict=Alarm.Verdict.EXPLAINED)
    for user, began, last in rows.values_list("user_id", "began_at", "last_at"):
        odd[user].append((began - timedelta(hours=1), last))
    return odd


def limits_of(seen: Mapping[int, Sequence[int]]) -> list[int | None]:
    """The limit of each hour of the week: from that hour and its neighbours, or from the same hour of all days."""
    limits: list[int | None] = []
    for slot in range(SLOTS):
        near = [value for step in (-1, 0, 1) for value in seen.get((slot + step) % SLOTS, ())]
        if len(near) < LEAST_SEEN:
            near = [value for other in range(slot % 24, SLOTS, 24) for value in seen.get(other, ())]
        limits.append(limit_of(near) if len(near) >= LEAST_SEEN else None)
    return limits


def limit_of(values: Sequence[int]) -> int:
    """Above the middle by six robust deviations, above nearly all that was seen by half, within floor and ceiling."""
    middle = median(values)
    spread = median(abs(value - middle) for value in values)
    high = sorted(values)[int(0.95 * (len(values) - 1))]
    return int(min(CEILING, max(FLOOR, middle + _SPREADS * max(spread, 1), 1.5 * high)))


def limit_for(user: User, moment: datetime, departure: Departure | None) -> int:
    """How many records within an hour are out of the ordinary for this person at this time."""
    known = list(Usual.objects.filter(user=user))
    if user.department_id is not None:
        known += Usual.objects.filter(department_id=user.department_id)
    known = [usual for usual in known if usual.days >= LEAST_DAYS]
    slot = slot_of(moment)
    learnt = [usual.limits[slot] for usual in known if usual.limits[slot] is not None]
    # Where the habits are known and nothing is opened at this hour, the floor holds.
    limit = max(learnt) if learnt else FLOOR if known else UNLEARNT
    return max(LEAVING_FLOOR, limit // 2) if departure else limit


def is_night_reader(user: User) -> bool | None:
    """Whether nights are usual for this person or their department; None while too little is known."""
    known = list(Usual.objects.filter(user=user))
    if user.department_id is not None:
        known += Usual.objects.filter(department_id=user.department_id)
    known = [usual for usual in known if usual.days >= LEAST_DAYS]
    if not known:
        return None
    return any(usual.nights >= (3 if usual.user_id else WEEKS) for usual in known)
