"""Judging an alarm, stopping an account over it, noting that somebody leaves."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound, WrongState
from yidang.oversight import row_digests
from yidang.oversight.models import Alarm, Departure
from yidang.people import actions as people
from yidang.people.models import User
from yidang.people.policy import require_administers, require_not_oneself

NOTE_LEAST = 4


def judge_alarm(alarm: Alarm, *, verdict: str, note: str, actor: Actor, now: datetime, suspend: bool = False) -> Alarm:
    """Say what an alarm was; with ``suspend`` the account is closed in the same deed.

    :raises NotAllowed: the actor is not the security administrator, or it is about themselves
    :raises InvalidInput: no verdict, or nothing said; somebody is suspended although all is explained
    :raises WrongState: somebody judged it before
    """
    require_administers(actor)
    require_not_oneself(actor, alarm.user)
    note = " ".join(note.split())
    if verdict not in Alarm.Verdict.values or (suspend and verdict == Alarm.Verdict.EXPLAINED):
        raise InvalidInput(_("Say whether it is explained or misuse."), field="verdict")
    if len(note) < NOTE_LEAST:
        raise InvalidInput(_("Say in a few words what it was."), field="note", code="note_missing")
    with transaction.atomic():
        row = Alarm.objects.select_for_update().select_related("user").get(pk=alarm.pk)
        if row.closed_at is not None:
            raise WrongState(_("Somebody judged this alarm before."), code="alarm_closed")
        row.verdict, row.note, row.closed_at, row.closed_by_id = verdict, note[:300], now, actor.user_id
        row.suspended = suspend and row.user.is_active
        row.save()
        if row.suspended:
            people.deactivate_user(row.user, actor=actor, now=now)
        audit.write(
            "oversight.alarm.judged", actor=actor, target_kind="alarm", target=row.public_id, now=now,
            facts={"verdict": verdict, "suspended": row.suspended, "user": row.user.username},
            personal={"note": row.note},
        )  # fmt: skip
        audit.bind(row_digests.ALARM, [row.public_id], actor=actor, now=now)
    return row


def note_departure(username: str, *, last_day: date, actor: Actor, now: datetime) -> Departure:
    """Somebody has given notice: until the last day less is enough for an alarm, after it anything is.

    :raises NotAllowed: the actor is not the security administrator
    :raises NotFound: nobody in use has this user name
    """
    require_administers(actor)
    user = User.objects.filter(username__iexact=username.strip()[:60], is_active=True).first()
    if user is None:
        raise NotFound(_("Nobody in use is called %(name)s.") % {"name": username.strip()[:60]}, field="username")
    require_not_oneself(actor, user)
    with transaction.atomic():
        departure, _made = Departure.objects.update_or_create(
            user=user, defaults={"last_day": last_day, "noted_by_id": actor.user_id, "noted_at": now}
        )
        audit.write(
            "oversight.departure.noted", actor=actor, target_kind="user", target=user.public_id, now=now,
            facts={"last_day": last_day.isoformat()},
        )  # fmt: skip
        audit.bind(row_digests.DEPARTURE, [departure.pk], actor=actor, now=now)
    return departure


def withdraw_departure(departure: Departure, *, actor: Actor, now: datetime) -> None:
    """The notice was taken back.

    :raises NotAllowed: the actor is not the security administrator
    """
    require_administers(actor)
    with transaction.atomic():
        audit.write(
            "oversight.departure.withdrawn", actor=actor, target_kind="user", target=departure.user.public_id, now=now
        )
        gone = departure.pk
        departure.delete()
        audit.bind(row_digests.DEPARTURE, [gone], actor=actor, now=now)
