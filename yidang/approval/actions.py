"""Cases are opened, decided and withdrawn. Each deed is one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval import models
from yidang.approval.models import Case, Decision, Seat
from yidang.approval.queries import may_sign, seated, seats_of
from yidang.approval.routing import route_for, signers
from yidang.approval.seating import seat_step
from yidang.approval.signing import canonical, sign
from yidang.approval.subjects import subject_of
from yidang.approval.working_time import Calendar
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.common.signing import sm2_key
from yidang.people.models import User

ENDS = {"refuse": models.REFUSED, "return": models.RETURNED}
# What is urgent is due in a quarter of the route's hours, by the clock: nights and weekends have a duty officer.
URGENT = 4


class NotConfirmed(InvalidInput):
    """The route asks for the password with this signature."""

    code = "password_needed"


def open_case(
    kind: str, subject: str, *, facts: dict[str, Any], actor: Actor, now: datetime, label: str = "", urgent: bool = False
) -> Case:  # fmt: skip
    """Send something on its route; that the actor may ask for it is the caller's to know.

    :param label: a number and a few words for lists, without personal facts
    :raises NotAllowed: nobody is signed in
    :raises NoRoute: no route fits
    :raises NobodySigns: a step of the route has no signer besides the asker
    """
    if actor.user_id is None:
        raise NotAllowed()
    asker = User.objects.select_related("department").get(pk=actor.user_id)
    route = route_for(kind, facts)
    for step in route.steps:
        signers(step, asker, now=now)
    with transaction.atomic():
        case = Case.objects.create(
            kind=kind, subject=subject, facts=facts, asker=asker, route=route, opened_at=now, label=label, urgent=urgent,
            due_at=due(route.target_hours, urgent, now),
        )  # fmt: skip
        seat_step(case, now)
        audit.write(
            "approval.case.opened", actor=actor, target_kind=kind, target=subject, now=now,
            facts={"case": str(case.public_id), "route": route.key, "version": route.version},
        )  # fmt: skip
    return case


def due(target_hours: int, urgent: bool, opened_at: datetime) -> datetime:
    """When a case ought to be decided: in working hours, an urgent one by the clock."""
    if urgent:
        return opened_at + timedelta(hours=max(1, target_hours // URGENT))
    return Calendar().after(opened_at, target_hours)


def seat_of(case: Case, actor: Actor, *, now: datetime) -> Seat | None:
    """The seat of the present step that the actor may sign: their own, or one they are deputy of today.

    Nobody signs their own case, not as a deputy either, and nobody signs one step twice.
    """
    if not may_sign(actor) or actor.user_id == case.asker_id:
        return None
    if case.seats.filter(step=case.step, decision__decided_by_id=actor.user_id).exists():
        return None
    open_seats = case.seats.filter(seats_of(actor, now), step=case.step, decision=None).select_related("signer")
    return min(open_seats, key=lambda seat: seat.signer_id != actor.user_id, default=None)


def asks_password(case: Case, actor: Actor) -> bool:
    """Whether the present step wants the password again; a token is a credential of its own and is not asked."""
    return actor.kind == "person" and bool(case.route.steps[case.step].get("reauth"))


def decide(
    case_id: int, *, choice: str, actor: Actor, now: datetime, note: str = "", days: int | None = None, step: int,
    narrowed: Mapping[str, Any] | None = None, confirmed: bool = False,
) -> Decision:  # fmt: skip
    """Sign the present step of a case; the last signature does what was asked for, in the same transaction.

    :param choice: ``approve``, ``refuse`` or ``return`` (for a supplement)
    :param step: the step that the signer was shown; a case that moved on meanwhile is not signed blindly
    :param days: fewer days than were asked for; never more
    :param narrowed: what the signer takes out of it, in the words of the case's kind
    :param confirmed: the caller asked for the signer's password again
    :raises NotFound: the actor does not sign this step
    :raises WrongState: somebody decided it first
    :raises InvalidInput: an unknown choice, no note where it says no, or more days than were asked for
    :raises NotConfirmed: the step wants the password again
    """
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).select_related("asker", "route").filter(pk=case_id).first()
        if case is None or not seated(actor, now).filter(pk=case_id).exists():
            raise NotFound()
        seat = seat_of(case, actor, now=now)
        if case.state != models.WAITING or case.step != step or seat is None:
            raise WrongState(_("Somebody decided this first."), code="already_decided")
        if asks_password(case, actor) and not confirmed:
            raise NotConfirmed(_("This signature asks for your password."), field="password")
        taken = dict(narrowed or {}) if choice == "approve" else {}
        _check(case, choice, note, days)
        subject_of(case.kind).check(case, taken)
        by, sm2 = User.objects.get(pk=actor.user_id), sm2_key()
        text = canonical(
            case, seat, by, choice=choice, note=note, days=days, decided_at=now, narrowed=taken,
            sm2_key=sm2.public.hex() if sm2 else "",
        )  # fmt: skip
        decision = Decision.objects.create(
            seat=seat,
            decided_by=by,
            choice=choice,
            note=note,
            days=days,
            decided_at=now,
            narrowed=taken,
            **sign(text, sm2),
        )
        if choice == "approve":
            _move_on(case, actor, now)
        else:
            case.state, case.closed_at = ENDS[choice], now
            subject_of(case.kind).ended(case)
        case.save(update_fields=["state", "step", "closed_at"])
        audit.write(
            "approval.case.decided", actor=actor, target_kind=case.kind, target=case.subject, now=now,
            facts={
                "case": str(case.public_id), "step": step, "choice": choice, "days": days, "seat": seat.signer.username,
                "state": case.state, "signature": decision.signature, **({"narrowed": taken} if taken else {}),
            },
        )  # fmt: skip
    return decision


def withdraw(case: Case, *, actor: Actor, now: datetime) -> None:
    """The asker takes the case back before it is decided.

    :raises NotFound: it is not theirs
    :raises WrongState: it was decided before
    """
    if actor.user_id != case.asker_id:
        raise NotFound()
    with transaction.atomic():
        waiting = Case.objects.filter(pk=case.pk, state=models.WAITING)
        if not waiting.update(state=models.WITHDRAWN, closed_at=now):
            raise WrongState(_("This was decided before."), code="already_decided")
        case.state, case.closed_at = models.WITHDRAWN, now
        subject_of(case.kind).ended(case)
        audit.write(
            "approval.case.withdrawn", actor=actor, target_kind=case.kind, target=case.subject, now=now,
            facts={"case": str(case.public_id)},
        )  # fmt: skip


def overtake(kind: str, subject: str, *, actor: Actor, now: datetime) -> None:
    """End the waiting case of something that is gone meanwhile; nobody has decided it. Asked before that thing is locked."""
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(kind=kind, subject=subject, state=models.WAITING).first()
        if case is None:
            return
        case.state, case.closed_at = models.WITHDRAWN, now
        case.save(update_fields=["state", "closed_at"])
        audit.write(
            "approval.case.withdrawn", actor=actor, target_kind=kind, target=subject, now=now,
            facts={"case": str(case.public_id), "overtaken": True},
        )  # fmt: skip


def _check(case: Case, choice: str, note: str, days: int | None) -> None:
    if choice not in {"approve", *ENDS}:
        raise InvalidInput(_("Choose: approve, refuse or return."), field="decision")
    if choice != "approve" and not note.strip():
        raise InvalidInput(_("Say why, so that the asker knows what to do."), field="note")
    asked = case.facts.get("days")
    if days is not None and (days < 1 or (asked is not None and days > asked)):
        raise InvalidInput(_("Fewer days may be given than were asked for, never more."), field="days")


def _move_on(case: Case, actor: Actor, now: datetime) -> None:
    """After an approval: wait for the others of the step, go to the next one, or carry out what was asked for."""
    here = case.seats.filter(step=case.step)
    missing, given = here.filter(decision=None), here.exclude(decision=None)
    if missing.filter(kind=Seat.COUNTERSIGN).exists():
        return
    own = given.exclude(kind=Seat.COUNTERSIGN)
    if not own.exists():
        return
    stood_in = own.filter(kind__in=(Seat.ESCALATED, Seat.WATCH)).exists()
    everybody = case.route.steps[case.step].get("need", "any") == "all"
    if everybody and not stood_in and missing.filter(kind=Seat.ROUTE).exists():
        return
    if case.step + 1 < len(case.route.steps):
        case.step += 1
        seat_step(case, now)
        return
    case.state, case.closed_at = models.APPROVED, now
    subject_of(case.kind).approved(case, actor, now)
