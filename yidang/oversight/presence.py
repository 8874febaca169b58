"""Who is signed in now and what they have opened in this session; one session, or all of a person, is ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access.models import Opening
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.people.models import ApiClient, SignedIn
from yidang.people.policy import require_administers, require_not_oneself

MARK = 12  # signs of a session's digest that openings and the log carry
CALLED_WITHIN = timedelta(minutes=15)


def online(now: datetime) -> QuerySet[SignedIn]:
    """Sessions that the next click would still find alive, the last seen first."""
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    alive = SignedIn.objects.filter(
        ended_at=None, seen_at__gt=now - idle, began_at__gt=now - timedelta(hours=settings.SESSION_HOURS),
        user__is_active=True, epoch=F("user__session_epoch"),
    )  # fmt: skip
    return alive.select_related("user__department").prefetch_related("user__duties")


@dataclass(frozen=True)
class Looked:
    """What was opened within one session, in numbers."""

    records: int
    originals: int
    last_at: datetime | None


def looked_at(sessions: list[SignedIn]) -> dict[int, Looked]:
    """Openings of some sessions: different records, originals, the latest; no titles."""
    marks = {one.key_digest[:MARK]: one.pk for one in sessions}
    rows = Opening.objects.filter(session__in=list(marks), user__in=[one.user_id for one in sessions]).order_by()
    counted = rows.values("session").annotate(
        records=Count("record", distinct=True), last_at=Max("opened_at"), originals=Count("pk", filter=Q(original=True))
    )
    return {marks[row["session"]]: Looked(row["records"], row["originals"], row["last_at"]) for row in counted}


def calling(now: datetime) -> QuerySet[ApiClient]:
    """Programs that called within the last quarter of an hour."""
    return ApiClient.objects.filter(
        revoked_at=None, expires_at__gt=now, last_used_at__gt=now - CALLED_WITHIN, owner__is_active=True
    ).select_related("owner")


def end_session(session: SignedIn, *, actor: Actor, now: datetime) -> None:
    """End one session; its next click meets the door.

    :raises NotAllowed: the actor is not the security administrator, or it is their own
    :raises WrongState: it has ended
    """
    require_administers(actor)
    require_not_oneself(actor, session.user)
    with transaction.atomic():
        if not SignedIn.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now):
            raise WrongState(_("This session has ended."), code="session_ended")
        audit.write(
            "oversight.session.ended", actor=actor, target_kind="user", target=session.user.public_id, now=now,
            facts={"session": session.key_digest[:MARK], "address": session.address},
        )  # fmt: skip
