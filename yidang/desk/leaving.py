"""Leaving staff: what a person holds, owes and may, on one page; handed over and closed in one deed."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access.models import EmergencyAccess, Use
from yidang.approval.models import WAITING, Seat
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.intake.models import Submission
from yidang.oversight.actions import note_departure
from yidang.oversight.models import Departure
from yidang.people import actions as people
from yidang.people.actors import actor_of_user
from yidang.people.models import ApiClient, Duty, User
from yidang.people.policy import require_administers, require_not_oneself
from yidang.people.roles import ROLES
from yidang.permissions import actions as permissions
from yidang.permissions.models import CareRelationship, Grant
from yidang.permissions.records import public_ids

OPEN_FILINGS = (Submission.RETURNED, Submission.QUARANTINED, Submission.RECEIVED)
ACTIONS = ("see", "view", "print", "copy")
_PROGRAM = Actor.system("desk.leaving")


@dataclass(frozen=True)
class Line:
    """One thing that a person holds or owes: how many, and what becomes of it."""

    label: str
    count: int
    then: str


@dataclass(frozen=True)
class Standing:
    """What a person holds, owes and may."""

    holds: list[Line]
    owes: list[Line]
    duties: list[str] = field(default_factory=list)
    may: list[tuple[str, int]] = field(default_factory=list)

    @property
    def open_filings(self) -> int:
        """Filings that nobody finishes when the person is gone."""
        return self.owes[0].count


def standing_of(user: User, *, actor: Actor, now: datetime) -> Standing:
    """What a person holds, owes and may; numbers alone, because the security administrator reads no records.

    :raises NotAllowed: the actor is not the security administrator
    """
    require_administers(actor)
    own = actor_of_user(user)
    labels = {"see": _("Entries seen"), "view": _("Pages viewed"), "print": _("May print"), "copy": _("May download")}
    return Standing(
        holds=[
            Line(_("Permissions for single records"), _grants(user, now).count(), _("revoked")),
            Line(_("Patients treated"), _care(user, now).count(), _("ended")),
            Line(_("API clients"), _clients(user, now).count(), _("revoked")),
            Line(_("Duties"), len(_duties(user, now)), _("ended")),
        ],
        owes=[
            Line(_("Filings not finished"), _filings(user).count(), _("go to the successor")),
            Line(_("Signatures that wait for them"), _seats(user).count(), _("stay in the route; a deputy or leader signs")),
            Line(_("Calls not answered"), _calls(user).count(), _("stay with the office")),
            Line(_("Emergency accesses not reviewed"), _emergencies(user).count(), _("are reviewed as ever")),
        ],
        duties=[str(ROLES[duty.role]) if duty.role in ROLES else duty.role for duty in _duties(user, now)],
        may=[(labels[action], Record.objects.visible_to(own, action).count() if user.is_active else 0) for action in ACTIONS],
    )  # fmt: skip


def close_person(user: User, *, successor: User | None, actor: Actor, now: datetime) -> None:
    """Hand over what is open, end every right, close the account; all of it or nothing.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    :raises InvalidInput: filings are open and nobody takes them over
    :raises WrongState: the account is closed
    """
    require_administers(actor)
    require_not_oneself(actor, user)
    if not user.is_active:
        raise WrongState(_("This account is closed."), code="account_closed")
    with transaction.atomic():
        filings = _filings(user)
        if filings.exists() and (successor is None or successor.pk == user.pk or not successor.is_active):
            raise InvalidInput(
                _("Filings are not finished; name who takes them over."), field="successor", code="successor_missing"
            )
        handed = filings.update(submitted_by=successor, department_id=successor.department_id) if successor else 0
        _leaves_today_at_last(user, actor, now)
        ended = _end_rights(user, actor, now)
        people.deactivate_user(user, actor=actor, now=now)
        audit.write(
            "desk.person.left", actor=actor, target_kind="user", target=user.public_id, now=now,
            facts={**ended, "filings": handed, "successor": successor.username if successor else ""},
        )  # fmt: skip


def _leaves_today_at_last(user: User, actor: Actor, now: datetime) -> None:
    """One notion of leaving: who was closed has had their last day, and whatever is opened after it is an alarm."""
    noted = departure_of(user)
    if noted is None or noted.last_day > localdate(now):
        note_departure(user.username, last_day=localdate(now), actor=actor, now=now)


def departure_of(user: User) -> Departure | None:
    """When this person leaves, if it was noted."""
    return Departure.objects.filter(user=user).first()


def _end_rights(user: User, actor: Actor, now: datetime) -> dict[str, int]:
    """End grants, care, clients and duties, each with its own entry; returns how many of each."""
    grants, care, clients, duties = (
        list(_grants(user, now)),
        list(_care(user, now)),
        list(_clients(user, now)),
        _duties(user, now),
    )
    known = public_ids({grant.record_id for grant in grants})
    for grant in grants:
        permissions.revoke_grant(grant, actor=_PROGRAM, now=now, record=known.get(grant.record_id, ""))
    for one in care:
        permissions.end_care(one, ends_at=max(now, one.begins_at), actor=_PROGRAM, now=now)
    for client in clients:
        people.revoke_client(client, actor=actor, now=now)
    for duty in duties:
        people.end_duty(duty, actor=actor, now=now)
    return {"grants": len(grants), "care": len(care), "clients": len(clients), "duties": len(duties)}


def _grants(user: User, now: datetime) -> QuerySet[Grant]:
    return Grant.objects.filter(subject=user, revoked_at=None, until__gt=now)


def _care(user: User, now: datetime) -> QuerySet[CareRelationship]:
    return CareRelationship.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), clinician=user)


def _clients(user: User, now: datetime) -> QuerySet[ApiClient]:
    return ApiClient.objects.filter(owner=user, revoked_at=None, expires_at__gt=now)


def _duties(user: User, now: datetime) -> list[Duty]:
    live = Duty.objects.filter(user=user).filter(Q(valid_until=None) | Q(valid_until__gte=localdate(now)))
    return list(live.select_related("user"))


def _filings(user: User) -> QuerySet[Submission]:
    return Submission.objects.filter(submitted_by=user, state__in=OPEN_FILINGS)


def _seats(user: User) -> QuerySet[Seat]:
    return Seat.objects.filter(signer=user, decision=None, case__state=WAITING)


def _calls(user: User) -> QuerySet[Use]:
    waiting: QuerySet[Use] = Use.objects.filter(registered_by=user, result=Use.Result.WAITING)
    return waiting


def _emergencies(user: User) -> QuerySet[EmergencyAccess]:
    return EmergencyAccess.objects.filter(user=user, reviewed_at=None)
