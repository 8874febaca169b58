"""What waits for whom, and how long it takes; every list and every count asks the same conditions of the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from yidang.approval import models
from yidang.approval.models import Case, Decision, Delegation, Seat
from yidang.approval.working_time import Calendar
from yidang.common import clock
from yidang.common.actor import Actor


def may_sign(actor: Actor) -> bool:
    """Whether the way in allows signing: a browser, or a token with the scope of requests."""
    return actor.is_signed_in and actor.user_id is not None and actor.may_use("requests")


def seats_of(actor: Actor, now: datetime) -> Q:
    """Seats that the actor signs today: their own and those of whom they are deputy."""
    lent = Delegation.objects.filter(deputy_id=actor.user_id, begins_at__lte=now, ends_at__gt=now)
    return Q(signer_id=actor.user_id) | Q(signer_id__in=lent.values("principal_id"))


def waiting_for(actor: Actor, now: datetime) -> "QuerySet[Case]":
    """The cases whose present step waits for this person."""
    if not may_sign(actor):
        return Case.objects.none()
    here = Seat.objects.filter(case=OuterRef("pk"), step=OuterRef("step"))
    waiting = Case.objects.filter(state=models.WAITING).exclude(asker_id=actor.user_id)
    return waiting.filter(
        Exists(here.filter(seats_of(actor, now), decision=None)),
        ~Exists(here.filter(decision__decided_by_id=actor.user_id)),
    )


def known_to(actor: Actor, now: datetime) -> "QuerySet[Case]":
    """The cases that the actor may read: those that wait for them, and those in which a seat of theirs was signed.

    Never one that they asked for; and once a step has passed without them, what it asked for is no longer theirs to see.
    """
    if not may_sign(actor):
        return Case.objects.none()
    here = Seat.objects.filter(case=OuterRef("pk"))
    signed = here.filter(Q(decision__decided_by_id=actor.user_id) | (seats_of(actor, now) & Q(decision__isnull=False)))
    waiting = here.filter(seats_of(actor, now), step=OuterRef("step"), decision=None)
    return Case.objects.exclude(asker_id=actor.user_id).filter(
        Exists(signed) | (Q(state=models.WAITING) & Exists(waiting))
    )


def seated(actor: Actor, now: datetime) -> "QuerySet[Case]":
    """The cases in which the actor ever had a seat: enough to be told that somebody was first, not to read them."""
    if not may_sign(actor):
        return Case.objects.none()
    mine = Seat.objects.filter(seats_of(actor, now), case=OuterRef("pk"), step__lte=OuterRef("step"))
    return Case.objects.exclude(asker_id=actor.user_id).filter(Exists(mine))


def waiting_count(actor: Actor) -> int:
    """How many cases wait for this person."""
    return waiting_for(actor, clock.now()).count()


def signed_since(actor: Actor, since: datetime) -> int:
    """How many decisions the actor has taken since a moment."""
    return Decision.objects.filter(decided_by_id=actor.user_id, decided_at__gte=since).count()


@dataclass(frozen=True)
class Step:
    """One step of a case, as people read it."""

    number: int
    state: str  # done, now, later, bad
    signers: list[str]
    decisions: list[Decision]
    need: str


def steps_of(case: Case) -> list[Step]:
    """The steps of a case: those passed with their decisions, the present one, those to come."""
    seats: dict[int, list[Seat]] = {}
    for seat in case.seats.select_related("signer", "decision__decided_by").order_by("pk"):
        seats.setdefault(seat.step, []).append(seat)
    shown = []
    for number, step in enumerate(case.route.steps):
        here = seats.get(number, [])
        decisions = [seat.decision for seat in here if hasattr(seat, "decision")]
        bad = any(decision.choice != "approve" for decision in decisions)
        over = case.state != models.WAITING and not decisions
        state = (
            "bad"
            if bad
            else "now"
            if number == case.step and case.state == models.WAITING
            else "done"
            if decisions
            else "later"
        )
        names = [seat.signer.display_name or seat.signer.username for seat in here]
        shown.append(Step(number, "later" if over else state, names, decisions, step.get("need", "any")))
    return shown


def waited(case: Case, now: datetime) -> timedelta:
    """How long a case has waited, or waited until it was closed."""
    return (case.closed_at or now) - case.opened_at


def measured(case: Case, now: datetime, calendar: Calendar) -> timedelta:
    """How long a case waited in the measure in which it was promised: working hours, an urgent one by the clock."""
    return waited(case, now) if case.urgent else calendar.between(case.opened_at, case.closed_at or now)


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether it ought to be decided by now."""
    return case.state == models.WAITING and case.due_at is not None and case.due_at < now


@dataclass(frozen=True)
class Turnaround:
    """How long the cases of one route took from asking to the end."""

    label: Any
    target_hours: int
    closed: int
    median: timedelta | None
    p90: timedelta | None
    in_time: int | None  # percent
    waiting: int
    overdue: int


def turnaround(kind: str, group: Any, *, since: datetime, now: datetime) -> list[Turnaround]:
    """Waiting time of a kind's cases, grouped by a fact of theirs.

    :param group: takes a case and gives the keys under which it counts
    """
    found: dict[str, list[Case]] = {}
    rows = Case.objects.filter(kind=kind).filter(Q(closed_at__gte=since) | Q(state=models.WAITING))
    for case in rows.select_related("route").order_by("-opened_at")[:20_000]:
        for key in group(case):
            found.setdefault(key, []).append(case)
    calendar = Calendar()
    return [_figures(key, cases, now, calendar) for key, cases in sorted(found.items())]


def _figures(label: str, cases: list[Case], now: datetime, calendar: Calendar) -> Turnaround:
    decided = [case for case in cases if case.state in {models.APPROVED, models.REFUSED, models.RETURNED}]
    times = sorted(measured(case, now, calendar) for case in decided)
    kept = sum(1 for case in decided if case.due_at is None or (case.closed_at or now) <= case.due_at)
    waiting = [case for case in cases if case.state == models.WAITING]
    return Turnaround(
        label, max(case.route.target_hours for case in cases), len(decided),
        times[(len(times) - 1) // 2] if times else None, times[max(0, -(-len(times) * 9 // 10) - 1)] if times else None,
        round(100 * kept / len(decided)) if decided else None, len(waiting),
        sum(1 for case in waiting if is_overdue(case, now)),
    )  # fmt: skip


def present_step(queryset: "QuerySet[Seat]") -> "QuerySet[Seat]":
    """Seats of the step at which their case stands, still without a signature."""
    return queryset.filter(case__state=models.WAITING, step=F("case__step"), decision=None)
