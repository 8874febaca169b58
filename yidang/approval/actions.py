"""Cases are opened, decided and withdrawn; signers name a deputy. Each deed is one transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval import models
from yidang.approval.models import Case, Decision, Delegation, Seat
from yidang.approval.routing import route_for, signers
from yidang.approval.signing import canonical
from yidang.approval.subjects import subject_of
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.common.signing import archive_key
from yidang.people.models import User

ENDS = {"refuse": models.REFUSED, "return": models.RETURNED}


def open_case(kind: str, subject: str, *, facts: dict[str, Any], actor: Actor, now: datetime) -> Case:
    """Send something on its route; that the actor may ask for it is the caller's to know.

    :raises NotAllowed: nobody is signed in
    :raises NoRoute: no route fits
    :raises NobodySigns: a step of the route has no signer besides the asker
    """
    if actor.user_id is None:
        raise NotAllowed()
    asker = User.objects.get(pk=actor.user_id)
    route = route_for(kind, facts)
    for step in route.steps:
        signers(step, asker, now=now)
    with transaction.atomic():
        case = Case.objects.create(kind=kind, subject=subject, facts=facts, asker=asker, route=route, opened_at=now)
        _seat(case, now)
        audit.write(
            "approval.case.opened", actor=actor, target_kind=kind, target=subject, now=now,
            facts={"case": str(case.public_id), "route": route.key, "version": route.version},
        )  # fmt: skip
    return case


def seat_of(case: Case, actor: Actor, *, now: datetime) -> Seat | None:
    """The seat of the present step that the actor may sign: their own, or one they are deputy of today.

    Nobody signs their own case, not as a deputy either, and nobody signs one step twice.
    """
    if actor.kind != "person" or actor.user_id is None or actor.user_id == case.asker_id:
        return None
    if case.seats.filter(step=case.step, decision__decided_by_id=actor.user_id).exists():
        return None
    lent = Delegation.objects.filter(deputy_id=actor.user_id, begins_at__lte=now, ends_at__gt=now)
    mine = Q(signer_id=actor.user_id) | Q(signer_id__in=lent.values("principal_id"))
    open_seats = case.seats.filter(mine, step=case.step, decision=None).select_related("signer")
    return min(open_seats, key=lambda seat: seat.signer_id != actor.user_id, default=None)


def decide(
    case_id: int, *, choice: str, actor: Actor, now: datetime, note: str = "", days: int | None = None, step: int
) -> Decision:
    """Sign the present step of a case; the last signature does what was asked for, in the same transaction.

    :param choice: ``approve``, ``refuse`` or ``return`` (for a supplement)
    :param step: the step that the signer was shown; a case that moved on meanwhile is not signed blindly
    :param days: fewer days than were asked for; never more
    :raises NotFound: the actor does not sign this step
    :raises WrongState: somebody decided it first
    :raises InvalidInput: an unknown choice, no note where it says no, or more days than were asked for
    """
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).select_related("asker", "route").filter(pk=case_id).first()
        if case is None or not _may_know(case, actor, now):
            raise NotFound()
        seat = seat_of(case, actor, now=now)
        if case.state != models.WAITING or case.step != step or seat is None:
            raise WrongState(_("Somebody decided this first."), code="already_decided")
        _check(case, choice, note, days)
        by = User.objects.get(pk=actor.user_id)
        text = canonical(case, seat, by, choice=choice, note=note, days=days, decided_at=now)
        key = archive_key()
        decision = Decision.objects.create(
            seat=seat, decided_by=by, choice=choice, note=note, days=days, decided_at=now, text=text,
            signature=key.sign_text(text), key_id=key.key_id,
        )  # fmt: skip
        if choice == "approve":
            _move_on(case, actor, now)
        else:
            case.state, case.closed_at = ENDS[choice], now
        case.save(update_fields=["state", "step", "closed_at"])
        audit.write(
            "approval.case.decided", actor=actor, target_kind=case.kind, target=case.subject, now=now,
            facts={
                "case": str(case.public_id), "step": step, "choice": choice, "days": days, "seat": seat.signer.username,
                "state": case.state, "signature": decision.signature,
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
        audit.write(
            "approval.case.withdrawn", actor=actor, target_kind=case.kind, target=case.subject, now=now,
            facts={"case": str(case.public_id)},
        )  # fmt: skip


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
    return lent


def _may_know(case: Case, actor: Actor, now: datetime) -> bool:
    """Whether the actor ever had a seat, their own or lent; to everybody else the case is not there."""
    if actor.kind != "person" or actor.user_id is None or actor.user_id == case.asker_id:
        return False
    lent = Delegation.objects.filter(deputy_id=actor.user_id, begins_at__lte=now, ends_at__gt=now)
    return case.seats.filter(Q(signer_id=actor.user_id) | Q(signer_id__in=lent.values("principal_id"))).exists()


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
    missing = case.seats.filter(step=case.step, decision=None).exists()
    if missing and case.route.steps[case.step].get("need", "any") == "all":
        return
    if case.step + 1 < len(case.route.steps):
        case.step += 1
        _seat(case, now)
        return
    case.state, case.closed_at = models.APPROVED, now
    subject_of(case.kind).approved(case, actor, now)


def _seat(case: Case, now: datetime) -> None:
    chosen = signers(case.route.steps[case.step], case.asker, now=now)
    Seat.objects.bulk_create(Seat(case=case, step=case.step, signer=user) for user in chosen)
