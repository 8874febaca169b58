"""What a duty reaches, in numbers: the reach of all its holders laid together, counted by class, without a title."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.timezone import localdate

from yidang.catalogue.models import Record
from yidang.catalogue.models.records import class_facts
from yidang.common.actor import Actor
from yidang.oversight.models import ReachFigure
from yidang.people.actors import actor_of_user
from yidang.people.models import Duty, User
from yidang.people.roles import ROLES
from yidang.permissions.models import Grant
from yidang.permissions.reach import COPY, PRINT, SEE, VIEW, ClassFacts, Clause, Reach, reach

COUNTED = (SEE, VIEW, PRINT, COPY)
AT_ONCE = 2000  # patients or records asked for with one question
# What belongs to a person and not to the duty; permissions have a line of their own.
_PERSONAL = {"grant", "emergency"}

Counts = dict[int, int]


def count_reach(*, now: datetime) -> int:
    """Count anew what every duty reaches, and keep the figures; returns how many there are."""
    classes = class_facts()
    found = {ReachFigure.EVERYTHING: dict.fromkeys(COUNTED, _everything()), ReachFigure.GRANTS: _granted(now)}
    for role in ROLES:
        people = list(holders(role, now))
        found[role] = {action: _together(_clauses(people, role, action, classes, now)) for action in COUNTED}
    rows = [
        ReachFigure(
            holder=holder, record_class_id=number, counted_at=now,
            **{action: counts.get(number, 0) for action, counts in by_action.items()},
        )
        for holder, by_action in found.items()
        for number in sorted(set().union(*by_action.values()))
    ]  # fmt: skip
    with transaction.atomic():
        ReachFigure.objects.all().delete()
        ReachFigure.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def holders(role: str, now: datetime) -> Iterable[User]:
    """Who holds a duty today, with an account in use."""
    day = localdate(now)
    held = Duty.objects.filter(role=role).filter(
        Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_until=None) | Q(valid_until__gte=day)
    )
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("pk")


def _clauses(
    people: Iterable[User], role: str, action: str, classes: Sequence[ClassFacts], now: datetime
) -> Iterator[Clause]:
    """What this duty alone admits its holders to; what they may by another duty or a permission is left out."""
    for user in people:
        actor: Actor = replace(actor_of_user(user, now=now), duties=frozenset({role}))
        for clause in reach(actor, action, classes, now=now).clauses:
            other = clause.reason.startswith("duty.") and clause.reason != f"duty.{role}"
            if not other and clause.reason not in _PERSONAL:
                yield clause


def _together(clauses: Iterable[Clause]) -> Counts:
    """How many different records of each class one or more clauses admit."""
    laid = merged(clauses)
    plain = Reach(SEE, tuple(one for one in laid if one.patients is None and one.record_ids is None))
    counts = Counter(_by_class(plain.as_q()))
    seen: dict[int, int] = {}
    for one in laid:
        for part in _parts(one):
            rows = Record.objects.reached_by(Reach(SEE, (part,))).exclude(plain.as_q())
            seen.update(rows.values_list("pk", "record_class_id"))
    counts.update(seen.values())
    return dict(counts)


def merged(clauses: Iterable[Clause]) -> list[Clause]:
    """The same rows in fewer clauses: of many people most differ by their department or patients alone."""
    owners: dict[Clause, set[int | None]] = defaultdict(set)
    for clause in clauses:
        owners[replace(clause, reason="", not_owner=None)].add(clause.not_owner)
    # Where two people share a clause, each reaches the file that the other may not see.
    alone = [
        replace(clause, not_owner=next(iter(left_out)) if len(left_out) == 1 else None)
        for clause, left_out in owners.items()
    ]
    for field in ("department_ids", "patients", "record_ids"):
        joined: dict[Clause, Any] = {}
        for clause in alone:
            mine = getattr(clause, field)
            bare = _with(clause, field, None if mine is None else frozenset())
            joined[bare] = None if mine is None else (joined.get(bare) or frozenset()) | mine
        alone = [_with(bare, field, values) for bare, values in joined.items()]
    return alone


def _with(clause: Clause, field: str, values: Any) -> Clause:
    return replace(clause, **{field: values})


def _parts(clause: Clause) -> Iterator[Clause]:
    """A clause over very many patients or records as several over some of them; none for one over classes alone."""
    field = "patients" if clause.patients is not None else "record_ids" if clause.record_ids is not None else ""
    values = sorted(getattr(clause, field)) if field else []
    for start in range(0, len(values), AT_ONCE):
        yield _with(clause, field, frozenset(values[start : start + AT_ONCE]))


def _by_class(q: Q) -> Counts:
    rows = Record.objects.exclude(state=Record.WITHDRAWN).filter(q).order_by()
    return dict(rows.values_list("record_class_id").annotate(n=Count("pk")))


def _everything() -> Counts:
    return _by_class(Q())


def _granted(now: datetime) -> dict[str, Counts]:
    """Records that single permissions open to anybody."""
    live = Grant.objects.filter(revoked_at=None, until__gt=now)
    flags = {SEE: Q(), VIEW: Q(may_view=True), PRINT: Q(may_print=True), COPY: Q(may_copy=True)}
    opened = {
        action: frozenset(live.filter(flag).values_list("record_id", flat=True)) for action, flag in flags.items()
    }
    return {action: _together([Clause("", record_ids=records)]) for action, records in opened.items()}
