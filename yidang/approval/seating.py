"""Who sits at a step: by the route, as a deputy, added by a signer, on watch after hours, or because it is overdue."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit, jobs
from yidang.approval import models, row_digests
from yidang.approval.models import Case, Delegation, Seat, Watch
from yidang.approval.queries import seats_of
from yidang.approval.routing import people, signers
from yidang.approval.working_time import Calendar
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound
from yidang.people.models import User

REMIND_BEFORE, REMIND_URGENT_BEFORE = timedelta(hours=2), timedelta(minutes=30)
LEADERS = [{"by": "duty", "value": "leader"}]


def after_hours(now: datetime) -> bool:
    """Whether the offices are closed: nights, weekends and holidays of the hospital's clock."""
    return not Calendar().is_open(now)


def is_soon(case: Case, now: datetime, calendar: Calendar) -> bool:
    """Whether a case falls due before long: by working hours, an urgent one by the clock."""
    if case.due_at is None:
        return False
    if case.urgent:
        return case.due_at - now <= REMIND_URGENT_BEFORE
    return calendar.between(now, case.due_at) <= REMIND_BEFORE


def seat(case: Case, user: User, kind: str, now: datetime) -> bool:
    """Give somebody a seat at the present step, once, and tell the hospital's to-do list; whether it is new."""
    row, made = Seat.objects.get_or_create(
        case=case, step=case.step, signer=user, defaults={"kind": kind, "seated_at": now}
    )
    if made and settings.TODO_WEBHOOK:
        jobs.later("approval.hand_over", key=str(row.pk), seat_id=row.pk)
    return made


def seat_step(case: Case, now: datetime) -> None:
    """The people of the present step sit down; of an urgent case after hours the duty officer as well."""
    for user in signers(case.route.steps[case.step], case.asker, now=now):
        seat(case, user, Seat.ROUTE, now)
    seat_watch(case, now)


def seat_watch(case: Case, now: datetime) -> bool:
    """The duty officer signs urgent cases while the offices are closed; whether anybody was added."""
    if not case.urgent or not after_hours(now):
        return False
    added = [seat(case, user, Seat.WATCH, now) for user in people([{"by": "watch"}], case.asker, now=now)]
    return any(added)


def countersign(case: Case, username: str, *, actor: Actor, now: datetime) -> Seat:
    """A signer asks somebody else to sign the present step as well.

    :raises NotFound: the case does not wait for the actor
    :raises InvalidInput: no such person, the asker, or somebody who sits there already
    """
    with transaction.atomic():
        held = Case.objects.select_for_update(of=("self",)).select_related("route", "asker").get(pk=case.pk)
        mine = held.seats.filter(seats_of(actor, now), step=held.step, decision=None)
        if held.state != models.WAITING or actor.user_id == held.asker_id or not mine.exists():
            raise NotFound()
        other = User.objects.filter(username__iexact=username.strip(), is_active=True).first()
        if other is None or other.pk in {held.asker_id, actor.user_id}:
            raise InvalidInput(_("Choose another person who has an account here."), field="username")
        if not seat(held, other, Seat.COUNTERSIGN, now):
            raise InvalidInput(_("This person signs the step already."), field="username")
        audit.write(
            "approval.signer.added", actor=actor, target_kind=held.kind, target=held.subject, now=now,
            facts={"case": str(held.public_id), "step": held.step, "signer": other.username},
        )  # fmt: skip
        return Seat.objects.get(case=held, step=held.step, signer=other)


def delegate(deputy: User, *, begins_at: datetime, ends_at: datetime, actor: Actor, now: datetime) -> Delegation:
    """Name a deputy who signs for the actor between two moments.

    :raises NotAllowed: the actor is not a person
    :raises InvalidInput: the deputy is the actor or has no live account, or it would end before it begins
    """
    if actor.kind != "person" or actor.user_id is None:
        raise NotAllowed()
    if deputy.pk == actor.user_id or not deputy.is_active:
        raise InvalidInput(_("Choose another person as deputy."), field="deputy")
    if ends_at <= max(begins_at, now):
        raise InvalidInput(_("The deputy's time would end before it begins."), field="ends_at")
    with transaction.atomic():
        lent = Delegation.objects.create(
            principal_id=actor.user_id, deputy=deputy, begins_at=begins_at, ends_at=ends_at
        )
        audit.write(
            "approval.deputy.named", actor=actor, target_kind="user", target=deputy.username, now=now,
            facts={"begins_at": begins_at.isoformat(), "ends_at": ends_at.isoformat()},
        )  # fmt: skip
        audit.bind(row_digests.DELEGATION, [lent.pk], actor=actor, now=now)
    return lent


def end_delegation(delegation_id: int, *, actor: Actor, now: datetime) -> None:
    """Back early: the deputy signs no longer.

    :raises NotFound: it is not the actor's, or has ended
    """
    with transaction.atomic():
        lent = Delegation.objects.filter(pk=delegation_id, principal_id=actor.user_id, ends_at__gt=now).first()
        if lent is None:
            raise NotFound()
        if lent.begins_at >= now:
            lent.delete()
        else:
            Delegation.objects.filter(pk=lent.pk).update(ends_at=now)
        audit.write("approval.deputy.ended", actor=actor, target_kind="user", target=lent.deputy.username, now=now)
        audit.bind(row_digests.DELEGATION, [delegation_id], actor=actor, now=now)


def may_set_watch(actor: Actor) -> bool:
    """The archive room keeps the roster of duty officers and the routes."""
    return actor.kind == "person" and actor.has_duty("archivist")


def set_watch(officer: User, *, begins_at: datetime, ends_at: datetime, actor: Actor, now: datetime) -> Watch:
    """Enter who is 行政总值班 between two moments.

    :raises NotAllowed: the actor does not keep the roster
    :raises InvalidInput: the officer has no live account, or it would end before it begins
    """
    if not may_set_watch(actor):
        raise NotAllowed()
    if not officer.is_active:
        raise InvalidInput(_("Choose another person who has an account here."), field="officer")
    if ends_at <= max(begins_at, now):
        raise InvalidInput(_("The watch would end before it begins."), field="ends_at")
    with transaction.atomic():
        watch = Watch.objects.create(officer=officer, begins_at=begins_at, ends_at=ends_at)
        audit.write(
            "approval.watch.set", actor=actor, target_kind="user", target=officer.username, now=now,
            facts={"begins_at": begins_at.isoformat(), "ends_at": ends_at.isoformat()},
        )  # fmt: skip
        audit.bind(row_digests.WATCH, [watch.pk], actor=actor, now=now)
    return watch


def remind(case: Case, *, now: datetime) -> bool:
    """What falls due soon is told to its signers once more; whether it was."""
    if not is_soon(case, now, Calendar()):
        return False
    soon = Case.objects.filter(pk=case.pk, state=models.WAITING, reminded_at=None)
    with transaction.atomic():
        if not soon.update(reminded_at=now):
            return False
        _tell(case, now)
        audit.write(
            "approval.case.reminded", actor=Actor.system("approval"), target_kind=case.kind, target=case.subject,
            now=now, facts={"case": str(case.public_id), "step": case.step},
        )  # fmt: skip
    return True


def escalate(case: Case, *, now: datetime) -> bool:
    """What is overdue is given to those whom the route names for that, or to the leaders; whether it was."""
    late = Case.objects.filter(pk=case.pk, state=models.WAITING, escalated_at=None, due_at__lte=now)
    with transaction.atomic():
        if not late.update(escalated_at=now):
            return False
        case.refresh_from_db()
        named = case.route.steps[case.step].get("escalate") or LEADERS
        added = [user for user in people(named, case.asker, now=now) if seat(case, user, Seat.ESCALATED, now)]
        audit.write(
            "approval.case.escalated", actor=Actor.system("approval"), target_kind=case.kind, target=case.subject,
            now=now, facts={"case": str(case.public_id), "step": case.step, "to": [user.username for user in added]},
        )  # fmt: skip
    return True


def _tell(case: Case, now: datetime) -> None:
    if not settings.TODO_WEBHOOK:
        return
    waiting = case.seats.filter(step=case.step, decision=None).values_list("pk", flat=True)
    for seat_id in waiting:
        jobs.later("approval.hand_over", key=f"{seat_id}/reminder", seat_id=seat_id)
