"""The watch: reads new openings every two minutes, keeps the hours that habits are learnt from, raises alarms."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from yidang import audit
from yidang.access.models import Opening
from yidang.common.actor import Actor
from yidang.oversight import row_digests
from yidang.oversight.hours import hour_of
from yidang.oversight.models import Alarm, Place, ReadingHour
from yidang.oversight.rules import Finding, findings_about
from yidang.people.models import User

AT_ONCE = 2000
# Openings are numbered before they are seen: one that was committed late is read by looking back a little.
BACK = 200
# What is older when the watch first reads it is learnt from and raises nothing.
FRESH = timedelta(hours=24)


def look(*, actor: Actor, now: datetime) -> bool:
    """Read the next openings, count their hours and raise what the rules find; returns whether more wait.

    Reading the same openings twice changes nothing.
    """
    with transaction.atomic():
        Place.objects.get_or_create(pk=1)
        place = Place.objects.select_for_update().get(pk=1)
        rows = Opening.objects.filter(pk__gt=place.opening - BACK).select_related("record__record_class")
        openings = list(rows.order_by("pk")[: AT_ONCE + BACK])
        by_user: dict[int, list[Opening]] = defaultdict(list)
        for opening in openings:
            by_user[opening.user_id].append(opening)
        _count_hours(by_user)
        old = (place.looked_at or now) - FRESH
        people = User.objects.in_bulk(list(by_user))
        for user_id, mine in by_user.items():
            fresh = sorted((one for one in mine if one.opened_at > old), key=lambda one: (one.opened_at, one.pk))
            for finding in findings_about(people[user_id], fresh, now=now) if fresh else ():
                raise_alarm(people[user_id], finding, actor=actor, now=now)
        last = openings[-1].pk if openings else place.opening
        Place.objects.filter(pk=1).update(opening=max(last, place.opening), looked_at=now)
    return len(openings) == AT_ONCE + BACK


def _count_hours(by_user: dict[int, list[Opening]]) -> None:
    """Count anew each person's hours that the openings fall into."""
    touched = {(user, hour_of(one.opened_at)) for user, mine in by_user.items() for one in mine}
    for user, hour in touched:
        within = Opening.objects.filter(user_id=user, opened_at__gte=hour, opened_at__lt=hour + timedelta(hours=1))
        count = within.values("record_id").distinct().count()
        ReadingHour.objects.update_or_create(user_id=user, hour=hour, defaults={"records": count})


def raise_alarm(user: User, finding: Finding, *, actor: Actor, now: datetime) -> None:
    """A new alarm with its entry in the log, or a larger one where it stands already."""
    standing = Alarm.objects.select_for_update().filter(user=user, rule=finding.rule, closed_at=None).first()
    if standing is not None:
        if finding.last_at > standing.last_at and _weighs(finding, standing):
            Alarm.objects.filter(pk=standing.pk).update(
                last_at=finding.last_at, count=max(finding.count, standing.count), evidence=finding.evidence,
                hint=finding.hint and standing.hint,
            )  # fmt: skip
        elif finding.last_at > standing.last_at:
            Alarm.objects.filter(pk=standing.pk).update(last_at=finding.last_at)
        return
    alarm = Alarm.objects.create(
        user=user, rule=finding.rule, hint=finding.hint, raised_at=now, began_at=finding.began_at,
        last_at=finding.last_at, count=finding.count, limit=finding.limit, evidence=finding.evidence,
    )  # fmt: skip
    audit.write(
        "oversight.alarm.raised", actor=actor, target_kind="alarm", target=alarm.public_id, now=now,
        facts={
            "rule": finding.rule, "user": user.username, "count": finding.count, "limit": finding.limit,
            "hint": finding.hint, "since": finding.began_at.isoformat(),
        },
    )  # fmt: skip
    audit.bind(row_digests.ALARM, [alarm.public_id], actor=actor, now=now)


def _weighs(finding: Finding, standing: Alarm) -> bool:
    return finding.count >= standing.count
