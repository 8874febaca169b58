"""Reaching for what one may not: many different things refused to one person within an hour, as guessed addresses look."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from yidang.audit.models import Entry
from yidang.common.actor import Actor
from yidang.oversight.hours import hour_of
from yidang.oversight.models import Alarm
from yidang.oversight.rules import Finding
from yidang.oversight.watching import raise_alarm
from yidang.people.models import ApiClient, User

HOUR = timedelta(hours=1)
LEAST = 20  # different things
LOOKED_AT_MOST = 5000


def look(*, actor: Actor, now: datetime) -> int:
    """Raise an alarm about everybody to whom so much was refused within the last hour; returns for how many.

    What an alarm was closed over is not counted again.
    """
    raised = 0
    refused = Entry.objects.filter(at__gt=now - HOUR, at__lte=now, outcome="refused").order_by()
    for name in refused.values_list("actor", flat=True).distinct():
        user = _person(name)
        finding = _finding(user, now) if user else None
        if user and finding:
            with transaction.atomic():
                raise_alarm(user, finding, actor=actor, now=now)
            raised += 1
    return raised


def _person(name: str) -> User | None:
    """Whom an entry's actor stands for: the person, or the owner of the program that called."""
    if name.startswith("client:"):
        client = ApiClient.objects.select_related("owner").filter(name=name.removeprefix("client:")).first()
        return client.owner if client else None
    return User.objects.filter(username=name).first()


def _refused(user: User, since: datetime, until: datetime) -> QuerySet[Entry]:
    names = [user.username, *(f"client:{name}" for name in user.clients.values_list("name", flat=True))]
    return Entry.objects.filter(actor__in=names, outcome="refused", at__gt=since, at__lte=until).exclude(target="")


def _finding(user: User, now: datetime) -> Finding | None:
    judged = Alarm.objects.filter(user=user, rule=Alarm.Rule.REFUSED).aggregate(last=Max("closed_at"))["last"]
    rows = _refused(user, max(now - HOUR, judged or now - HOUR), now).order_by("seq")
    seen = list(rows.values_list("event", "target", "address", "at")[:LOOKED_AT_MOST])
    different = {(event, target) for event, target, _address, _at in seen}
    if len(different) < LEAST:
        return None
    evidence = {
        "asked": dict(Counter(event for event, *_rest in seen).most_common(8)),
        "addresses": dict(Counter(address or "—" for _event, _target, address, _at in seen).most_common(8)),
    }
    return Finding(Alarm.Rule.REFUSED, seen[0][3], seen[-1][3], len(different), LEAST, evidence=evidence)


def refused_by_hour(user: User, *, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many different things were refused to a person in each hour, hours without any left out."""
    seen: dict[datetime, set[tuple[str, str]]] = {}
    rows = _refused(user, since, until).order_by("-seq").values_list("at", "event", "target")
    for at, event, target in rows[:LOOKED_AT_MOST]:
        seen.setdefault(hour_of(at), set()).add((event, target))
    return {hour: len(different) for hour, different in seen.items()}
