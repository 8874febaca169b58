"""Rights that nobody used for a year: found in openings, the log, sign-ins and calls; ended with one click."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access.models import Opening
from yidang.audit.models import Entry
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.oversight.models import UnusedRight
from yidang.people import actions as people
from yidang.people.models import ApiClient, Duty, User
from yidang.people.policy import require_administers, require_not_oneself
from yidang.permissions import actions as permissions
from yidang.permissions.models import CareRelationship, Grant
from yidang.permissions.records import public_ids

YEAR = timedelta(days=365)
_PROGRAM = Actor.system("oversight.unused")
# By which deeds a duty shows itself in the log; the rights of keepers and clinicians also in what they open by them.
DEEDS = {
    "archivist": ("intake.submission.", "intake.list.", "catalogue.", "digitisation.", "continuity.", "access.use.",
                  "access.certificate.", "access.mask.", "access.seal.", "permissions.grant.", "permissions.freeze."),
    "records_clerk": ("intake.", "access.use.", "access.certificate.", "access.mask.", "access.seal.", "permissions."),
    "department_clerk": ("intake.filing.",),
    "approver": ("approval.", "access.emergency.reviewed", "oversight.review."),
    "leader": ("approval.", "access.emergency.reviewed", "oversight.review.", "access.document.", "search."),
    "clinician": ("access.emergency.",),
    "staff": ("",),
    "system_admin": ("",),
    "security_admin": ("",),
    "audit_admin": ("",),
}  # fmt: skip
BECAUSE = {"archivist": {"duty.archivist"}, "records_clerk": {"duty.records_clerk"}, "clinician": {"care", "emergency"}}

Found = dict[str, Any]


def find_unused(*, now: datetime) -> int:
    """Look anew which rights have not been used for a year; returns how many."""
    since = now - YEAR
    found = [
        UnusedRight(found_at=now, **one)
        for look in (_accounts, _duties, _grants, _clients, _care)
        for one in look(since, now)
    ]
    with transaction.atomic():
        UnusedRight.objects.all().delete()
        UnusedRight.objects.bulk_create(found, batch_size=500)
    return len(found)


def _accounts(since: datetime, now: datetime) -> Iterator[Found]:
    """Nobody signed in, by hand or by a client."""
    open_accounts = User.objects.filter(is_active=True, created_at__lt=since)
    last = open_accounts.annotate(last=Max("sessions__seen_at"), call=Max("clients__last_used_at"))
    for user in last.filter(Q(last=None) | Q(last__lt=since), Q(call=None) | Q(call__lt=since)):
        known = [moment for moment in (user.last, user.call) if moment]
        yield {"kind": "account", "number": user.pk, "user": user, "since": user.created_at,
               "last_used_at": max(known, default=None)}  # fmt: skip


def _duties(since: datetime, now: datetime) -> Iterator[Found]:
    """No deed of the duty in the log, no record opened by it; of accounts that are used otherwise."""
    day = localdate(now)
    held = Duty.objects.filter(user__is_active=True, granted_at__lt=since).filter(
        Q(valid_from=None) | Q(valid_from__lte=localdate(since)), Q(valid_until=None) | Q(valid_until__gte=day)
    )
    deeds: dict[str, set[str]] = {}
    rows = Entry.objects.filter(at__gte=since, outcome="done").order_by()
    for actor, event in rows.values_list("actor", "event").distinct().iterator():
        deeds.setdefault(actor, set()).add(event)
    rights = set(Opening.objects.filter(opened_at__gte=since).order_by().values_list("user_id", "because").distinct())
    for duty in held.select_related("user").order_by("pk"):
        done = deeds.get(duty.user.username, set())
        by_deed = any(event.startswith(DEEDS[duty.role]) for event in done)
        by_right = any((duty.user_id, because) in rights for because in BECAUSE.get(duty.role, ()))
        if not by_deed and not by_right:
            yield {"kind": "duty", "number": duty.pk, "user": duty.user, "what": duty.role, "since": duty.granted_at}


def _grants(since: datetime, now: datetime) -> Iterator[Found]:
    """Permissions for single records that were never opened by."""
    opened = Opening.objects.filter(
        user=OuterRef("subject"), record_id=OuterRef("record_id"), because="grant", opened_at__gte=since
    )
    live = Grant.objects.filter(revoked_at=None, until__gt=now, issued_at__lt=since).filter(~Exists(opened))
    for grant in live.select_related("subject").order_by("pk"):
        yield {"kind": "grant", "number": grant.pk, "user": grant.subject, "since": grant.issued_at}


def _clients(since: datetime, now: datetime) -> Iterator[Found]:
    """Programs whose token made no call."""
    live = ApiClient.objects.filter(revoked_at=None, expires_at__gt=now, created_at__lt=since)
    for client in live.filter(Q(last_used_at=None) | Q(last_used_at__lt=since)).select_related("owner").order_by("pk"):
        yield {"kind": "client", "number": client.pk, "user": client.owner, "what": client.name,
               "since": client.created_at, "last_used_at": client.last_used_at}  # fmt: skip


def _care(since: datetime, now: datetime) -> Iterator[Found]:
    """Treatments that go on by the books, while the clinician, or nobody of the team, opened the patient's records."""
    opened = Opening.objects.filter(
        because="care", opened_at__gte=since, record__patient_number=OuterRef("patient_number")
    )
    mine, ours = opened.filter(user=OuterRef("clinician")), opened.filter(user__department=OuterRef("team"))
    live = CareRelationship.objects.filter(begins_at__lt=since).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    for care in live.filter(~Exists(mine), ~Exists(ours)).order_by("pk"):
        yield {"kind": "care", "number": care.pk, "user_id": care.clinician_id, "department_id": care.team_id,
               "since": care.begins_at}  # fmt: skip


def end_unused(right: UnusedRight, *, actor: Actor, now: datetime) -> None:
    """End a right that nobody used.

    :raises NotAllowed: the actor is not the security administrator, or the right is their own
    :raises WrongState: it ended meanwhile
    """
    require_administers(actor)
    if right.user is not None:
        require_not_oneself(actor, right.user)
    with transaction.atomic():
        if not UnusedRight.objects.filter(pk=right.pk).delete()[0] or not _end(right, actor, now):
            raise WrongState(_("This right ended meanwhile."), code="right_ended")
        audit.write(
            "oversight.right.ended", actor=actor, target_kind=right.kind, target=right.number, now=now,
            facts={"user": right.user.username if right.user else "", "what": right.what, "since": right.since.isoformat()},
        )  # fmt: skip


def _end(right: UnusedRight, actor: Actor, now: datetime) -> bool:
    """End what the line speaks of, by the deed that ends such rights everywhere; whether there was anything to end."""
    if right.kind == UnusedRight.Kind.ACCOUNT and right.user and right.user.is_active:
        people.deactivate_user(right.user, actor=actor, now=now)
        return True
    if right.kind == UnusedRight.Kind.DUTY:
        duty = (
            Duty.objects.select_related("user").filter(pk=right.number).exclude(valid_until__lt=localdate(now)).first()
        )
        if duty:
            people.end_duty(duty, actor=actor, now=now)
        return duty is not None
    if right.kind == UnusedRight.Kind.CLIENT:
        client = ApiClient.objects.filter(pk=right.number, revoked_at=None).first()
        if client:
            people.revoke_client(client, actor=actor, now=now)
        return client is not None
    if right.kind == UnusedRight.Kind.GRANT:
        grant = Grant.objects.filter(pk=right.number, revoked_at=None).first()
        if grant:
            named = public_ids([grant.record_id]).get(grant.record_id, "")
            permissions.revoke_grant(grant, actor=_PROGRAM, now=now, record=named)
        return grant is not None
    live = CareRelationship.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), pk=right.number)
    care = live.first() if right.kind == UnusedRight.Kind.CARE else None
    if care:
        permissions.end_care(care, ends_at=now, actor=_PROGRAM, now=now)
    return care is not None
