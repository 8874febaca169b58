"""What makes an alarm, asked of one person's latest openings; each answer is a finding with its figures."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils.timezone import localdate

from yidang.access.models import Opening
from yidang.oversight.hours import hour_of, night_of
from yidang.oversight.kinship import RARE_SURNAME, sign_of_kinship
from yidang.oversight.learning import is_night_reader, limit_for
from yidang.oversight.models import Alarm, Departure
from yidang.people.models import User

HOUR = timedelta(hours=1)
NIGHT_LEAST = 5  # records in one night
LOOKED_AT_MOST = 20_000  # openings of one person in one look


@dataclass(frozen=True)
class Finding:
    """One rule's yes, with what the alarm shows."""

    rule: str
    began_at: datetime
    last_at: datetime
    count: int
    limit: int
    hint: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)


def findings_about(user: User, fresh: Sequence[Opening], *, now: datetime) -> list[Finding]:
    """What is out of the ordinary about a person's new openings, in the order of their times.

    What an alarm was closed over is not looked at again.
    """
    departure = Departure.objects.filter(user=user).first()
    judged = dict(
        Alarm.objects.filter(user=user)
        .exclude(closed_at=None)
        .values("rule")
        .annotate(last=Max("closed_at"))
        .values_list("rule", "last")
    )
    found = [
        _many(user, _after(fresh, judged.get("many")), judged.get("many"), departure),
        _night(user, _after(fresh, judged.get("night")), judged.get("night")),
        _kin(user, _after(fresh, judged.get("kin"))),
        _left(_after(fresh, judged.get("left")), departure),
    ]
    return [finding for finding in found if finding is not None]


def _after(openings: Sequence[Opening], moment: datetime | None) -> list[Opening]:
    return [one for one in openings if moment is None or one.opened_at > moment]


def _window(user: User, since: datetime, until: datetime, judged: datetime | None) -> list[Opening]:
    rows = Opening.objects.filter(
        user=user, opened_at__gt=max(since, judged) if judged else since, opened_at__lte=until
    )
    return list(rows.select_related("record__record_class").order_by("opened_at", "id")[:LOOKED_AT_MOST])


def _many(user: User, fresh: Sequence[Opening], judged: datetime | None, departure: Departure | None) -> Finding | None:
    """More different records within any sixty minutes than are usual at this time."""
    if not fresh:
        return None
    openings = _window(user, fresh[0].opened_at - HOUR, fresh[-1].opened_at, judged)
    within, seen = deque[Opening](), Counter[int]()
    worst: tuple[int, Opening, Opening] | None = None
    for one in openings:
        within.append(one)
        seen[one.record_id] += 1
        while one.opened_at - within[0].opened_at >= HOUR:
            gone = within.popleft()
            seen[gone.record_id] -= 1
            if not seen[gone.record_id]:
                del seen[gone.record_id]
        if worst is None or len(seen) > worst[0]:
            worst = (len(seen), within[0], one)
    if worst is None:
        return None
    count, first, last = worst
    limit = limit_for(user, last.opened_at, departure)
    if count < limit:
        return None
    mine = [one for one in openings if first.opened_at <= one.opened_at <= last.opened_at]
    return Finding("many", first.opened_at, last.opened_at, count, limit, evidence=_seen_in(mine))


def _night(user: User, fresh: Sequence[Opening], judged: datetime | None) -> Finding | None:
    """Records opened in a night by somebody for whom, and for whose department, nights are unusual."""
    dark = [one for one in fresh if night_of(one.opened_at)]
    if not dark or is_night_reader(user) is not False:
        return None
    last = dark[-1]
    mine = [
        one
        for one in _window(user, last.opened_at - timedelta(hours=9), last.opened_at, judged)
        if night_of(one.opened_at) == night_of(last.opened_at)
    ]
    count = len({one.record_id for one in mine})
    if count < NIGHT_LEAST:
        return None
    return Finding("night", mine[0].opened_at, last.opened_at, count, NIGHT_LEAST, evidence=_seen_in(mine))


def _kin(user: User, fresh: Sequence[Opening]) -> Finding | None:
    """A record that seems to be about the reader's own people, opened otherwise than by treating them.

    Who keeps the records opens everybody's; of them only a registered relative or the same name counts.
    """
    signs: dict[int, str] = {}
    mine = []
    for one in fresh:
        if one.because == "care":
            continue
        sign = sign_of_kinship(user.display_name, one.record.metadata)
        if sign and not (sign == RARE_SURNAME and one.because.startswith("duty.")):
            signs[one.record_id] = sign
            mine.append(one)
    if not mine:
        return None
    kinds = Counter(signs.values())
    return Finding(
        "kin", mine[0].opened_at, mine[-1].opened_at, len(signs), 1, hint=set(kinds) == {RARE_SURNAME},
        evidence=_seen_in(mine) | {"signs": dict(kinds)},
    )  # fmt: skip


def _left(fresh: Sequence[Opening], departure: Departure | None) -> Finding | None:
    """Anything opened after the last day of work."""
    mine = [one for one in fresh if departure and localdate(one.opened_at) > departure.last_day]
    if not mine or departure is None:
        return None
    return Finding(
        "left", mine[0].opened_at, mine[-1].opened_at, len({one.record_id for one in mine}), 0,
        evidence=_seen_in(mine) | {"last_day": departure.last_day.isoformat()},
    )  # fmt: skip


def _seen_in(openings: Sequence[Opening]) -> dict[str, Any]:
    """Figures of some openings: classes, rights, addresses, originals; no titles, no patients."""
    return {
        "classes": dict(Counter(one.record.record_class.code for one in openings).most_common(8)),
        "because": dict(Counter(one.because for one in openings).most_common(8)),
        "addresses": dict(Counter(one.address or "—" for one in openings).most_common(8)),
        "patients": len({one.record.patient_number for one in openings if one.record.patient_number}),
        "originals": sum(one.original for one in openings),
        "openings": len(openings),
    }


def records_by_hour(user: User, *, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many different records a person opened in each hour, hours without any left out."""
    seen: dict[datetime, set[int]] = {}
    rows = Opening.objects.filter(Q(opened_at__gte=since, opened_at__lt=until), user=user)
    for at, record in rows.order_by("-opened_at").values_list("opened_at", "record_id")[:LOOKED_AT_MOST]:
        seen.setdefault(hour_of(at), set()).add(record)
    return {hour: len(records) for hour, records in seen.items()}
