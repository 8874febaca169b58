"""What is put right by hand: a signature taken back within minutes, a waiting seat given to somebody else."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang import audit, jobs
from yidang.approval import models
from yidang.approval.models import Case, Decision, Reassignment, Seat, TakenBack
from yidang.approval.queries import may_sign
from yidang.approval.subjects import subject_of
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.people.actors import duties_on
from yidang.people.models import User

TAKEN_BACK_WITHIN = timedelta(minutes=10)
# Whom a seat may be given to: those who sign by some duty.
SIGNING = {"approver", "leader", "archivist", "records_clerk"}


def may_reassign(actor: Actor) -> bool:
    """The archive room, which keeps the routes, and the security administrator, who sees numbers and names alone."""
    return actor.kind == "person" and actor.has_duty("archivist", "security_admin")


def to_take_back(case: Case, actor: Actor, now: datetime) -> Decision | None:
    """The actor's decision that can still be taken back: the case's last one, minutes old."""
    if not may_sign(actor) or case.state == models.WITHDRAWN:
        return None
    last = Decision.objects.filter(seat__case=case).select_related("seat").order_by("-decided_at", "-pk").first()
    if last is None or last.decided_by_id != actor.user_id or last.decided_at + TAKEN_BACK_WITHIN <= now:
        return None
    return last


def recent(actor: Actor, now: datetime) -> "QuerySet[Case]":
    """The cases that the actor signed within the last minutes, the latest first."""
    mine = Decision.objects.filter(decided_by_id=actor.user_id, decided_at__gt=now - TAKEN_BACK_WITHIN)
    return Case.objects.filter(pk__in=mine.values("seat__case_id")).order_by("-pk")[:5]


def take_back(case_id: int, *, actor: Actor, now: datetime) -> None:
    """Undo the actor's signature of the last minutes; its text stays in the register of what was taken back.

    :raises NotFound: there is no such case
    :raises WrongState: it is too late, somebody signed after it, or something has followed from it
    """
    with transaction.atomic():
        rows = Case.objects.select_for_update(of=("self",)).select_related("route", "asker")
        case = rows.filter(pk=case_id).first()
        if case is None:
            raise NotFound()
        last = to_take_back(case, actor, now)
        if last is None:
            raise WrongState(
                _("This signature can no longer be taken back."), code="too_late",
                remedy=_("What was granted can be revoked at any moment."),
            )  # fmt: skip
        if case.state != models.WAITING:
            subject_of(case.kind).undone(case, now)
        seat = last.seat
        TakenBack.objects.create(
            case=case, step=seat.step, decided_by_id=last.decided_by_id, choice=last.choice, decided_at=last.decided_at,
            text=last.text, signature=last.signature, key_id=last.key_id, sm2_key=last.sm2_key, sm2_signature=last.sm2_signature, taken_back_at=now,
        )  # fmt: skip
        last.delete()
        case.seats.filter(step__gt=seat.step).delete()
        case.state, case.step, case.closed_at = models.WAITING, seat.step, None
        case.save(update_fields=["state", "step", "closed_at"])
        audit.write(
            "approval.case.taken_back", actor=actor, target_kind=case.kind, target=case.subject, now=now,
            facts={
                "case": str(case.public_id), "step": seat.step, "choice": last.choice, "signature": last.signature,
                "decided_at": last.decided_at.isoformat(),
            },
        )  # fmt: skip


def all_waiting(actor: Actor) -> "QuerySet[Case]":
    """Every waiting case with the seats that it waits for, for those who may give a seat to somebody else.

    :raises NotAllowed: the actor may not
    """
    if not may_reassign(actor):
        raise NotAllowed()
    seats = Seat.objects.filter(decision=None).select_related("signer").order_by("pk")
    waiting = Case.objects.filter(state=models.WAITING).select_related("asker", "route")
    return waiting.prefetch_related(Prefetch("seats", queryset=seats, to_attr="open_seats"))


def reassign(seat_id: int, username: str, *, note: str, actor: Actor, now: datetime) -> Seat:
    """Give a waiting seat to somebody else, because its signer is away, has left or is concerned.

    :raises NotAllowed: the actor may not, or asked for the case
    :raises NotFound: no such seat waits
    :raises InvalidInput: no note, or nobody who could sit there
    """
    if not may_reassign(actor):
        raise NotAllowed()
    note = " ".join(note.split())[:200]
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(seats=seat_id, state=models.WAITING).first()
        rows = Seat.objects.select_related("signer").filter(pk=seat_id, decision=None)
        seat = rows.filter(step=case.step).first() if case else None
        if case is None or seat is None:
            raise NotFound()
        if actor.user_id == case.asker_id:
            raise NotAllowed(_("Nobody chooses who signs their own case."), code="own_case")
        if not note:
            raise InvalidInput(_("Say why somebody else signs."), field="note")
        former, other = seat.signer, _signer(username, case, actor, now)
        Seat.objects.filter(pk=seat.pk).update(signer=other, seated_at=now)
        seat.links.all().delete()
        Reassignment.objects.create(
            seat=seat, former=former, signer=other, by_id=actor.user_id, note=note, at=now
        )  # fmt: skip
        if settings.TODO_WEBHOOK:
            jobs.later("approval.hand_over", key=f"{seat.pk}/{other.pk}", seat_id=seat.pk)
        audit.write(
            "approval.seat.reassigned", actor=actor, target_kind=case.kind, target=case.subject, now=now,
            facts={"case": str(case.public_id), "step": seat.step, "from": former.username, "to": other.username},
            personal={"note": note},
        )  # fmt: skip
    seat.refresh_from_db()
    return seat


def _signer(username: str, case: Case, actor: Actor, now: datetime) -> User:
    other = User.objects.filter(username__iexact=username.strip(), is_active=True).first()
    if other is None or other.pk in {case.asker_id, actor.user_id}:
        raise InvalidInput(_("Choose another person who has an account here."), field="username")
    if not SIGNING & set(duties_on([other.pk], localdate(now))[other.pk]):
        raise InvalidInput(_("Choose somebody who signs by a duty of theirs."), field="username")
    if case.seats.filter(step=case.step, signer=other).exists():
        raise InvalidInput(_("This person signs the step already."), field="username")
    return other
