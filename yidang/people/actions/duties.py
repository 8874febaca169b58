"""Duties: given and ended by the security administrator, never to oneself, never two that exclude each other."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import ADMINISTRATORS, Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.people import row_digests, sessions
from yidang.people.models import Department, Duty, User
from yidang.people.policy import require_administers, require_not_oneself
from yidang.people.roles import ROLES


class DutiesExclude(WrongState):
    """Two duties that must not be in one hand."""

    code = "duties_exclude"


def check_combination(roles: Collection[str]) -> None:
    """An administrator holds that one duty and no other (DA/T 92-2022 9.1.3).

    :raises DutiesExclude: they exclude each other
    """
    if ADMINISTRATORS & set(roles) and len(set(roles)) > 1:
        raise DutiesExclude(
            _("An administrator's account holds that duty and no other."),
            remedy=_("Give the other duty to another account, of another person."),
        )


def assign_duty(
    user: User,
    role: str,
    *,
    actor: Actor,
    now: datetime,
    class_codes: Sequence[str] = (),
    department: Department | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Duty:
    """Give a duty, perhaps for some classes or a department only; the person's open sessions end.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    :raises InvalidInput: there is no such duty, or it ends before it begins
    :raises DutiesExclude: the person holds a duty that excludes it, now or later
    """
    require_administers(actor)
    require_not_oneself(actor, user)
    if role not in ROLES:
        raise InvalidInput(_("There is no duty «%(role)s».") % {"role": role[:30]}, field="role")
    if valid_from and valid_until and valid_until < valid_from:
        raise InvalidInput(_("The duty would end before it begins."), field="valid_until")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        held = set(
            Duty.objects.filter(user=user).exclude(valid_until__lt=localdate(now)).values_list("role", flat=True)
        )
        if role in ADMINISTRATORS and role in held:
            raise WrongState(_("The person holds this duty already."), code="duty_held")
        check_combination(held | {role})
        duty = Duty.objects.create(
            user=user, role=role, class_codes=list(class_codes), department=department,
            valid_from=valid_from, valid_until=valid_until, granted_by=actor.username,
        )  # fmt: skip
        sessions.end_all(user, now=now)
        audit.write(
            "people.duty.assigned", actor=actor, target_kind="user", target=user.public_id, now=now,
            facts={
                "role": role, "classes": list(class_codes), "department": department.key if department else "",
                "from": str(valid_from or ""), "until": str(valid_until or ""),
            },
            row=row_digests.digest_of(user),
        )  # fmt: skip
    return duty


def end_duty(duty: Duty, *, actor: Actor, now: datetime) -> None:
    """Take a duty away, from now on; the person's open sessions end. The log keeps that it was held.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    """
    require_administers(actor)
    require_not_oneself(actor, duty.user)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=duty.user_id)
        if duty.role in ADMINISTRATORS:
            duty.delete()  # one administrator's duty per account, whenever it ended
        else:
            Duty.objects.filter(pk=duty.pk).update(valid_until=localdate(now) - timedelta(days=1))
        sessions.end_all(user, now=now)
        audit.write(
            "people.duty.ended", actor=actor, target_kind="user", target=user.public_id, now=now,
            facts={"role": duty.role, "classes": duty.class_codes}, row=row_digests.digest_of(user),
        )  # fmt: skip
