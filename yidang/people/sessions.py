"""Sessions of browsers: they begin by signing in, end by use or without, and a change of rights ends them."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from yidang.common.actor import Actor
from yidang.people.actors import actor_of_user
from yidang.people.models import SignedIn, User

USER = "user"
SEEN_EVERY = timedelta(seconds=60)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin(request: HttpRequest, user: User, *, address: str, now: datetime) -> SignedIn:
    """Begin a session under a new key; what the browser had before is gone, its form token too."""
    request.session.flush()
    request.session[USER] = user.pk
    # The key in the session, not the cookie's, ties the row: the cookie's key changes when Django wishes.
    request.session["mark"] = mark = secrets.token_urlsafe(24)
    request.session.save()
    rotate_token(request)
    return SignedIn.objects.create(
        user=user, key_digest=_digest(mark), address=address, began_at=now, seen_at=now, epoch=user.session_epoch
    )


def end(request: HttpRequest, *, now: datetime) -> None:
    """End the request's session on the server."""
    mark = request.session.get("mark", "")
    if mark:
        SignedIn.objects.filter(key_digest=_digest(mark), ended_at=None).update(ended_at=now)
    request.session.flush()


def end_all(user: User, *, now: datetime) -> int:
    """End every session of a person; returns how many were open."""
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    return SignedIn.objects.filter(user=user, ended_at=None).update(ended_at=now)


def find(request: HttpRequest, *, address: str, now: datetime) -> tuple[Actor, User] | None:
    """The person whose live session this request carries, or nothing; a session past its time is ended."""
    mark = request.session.get("mark", "")
    if not mark:
        return None
    row = SignedIn.objects.filter(key_digest=_digest(mark), ended_at=None).select_related("user").first()
    if row is None or not _lives(row, now):
        end(request, now=now)
        return None
    if now - row.seen_at >= SEEN_EVERY:
        SignedIn.objects.filter(pk=row.pk).update(seen_at=now)
    return actor_of_user(row.user, address=address, session=row.key_digest[:12], now=now), row.user


def _lives(row: SignedIn, now: datetime) -> bool:
    if not row.user.is_active or row.epoch != row.user.session_epoch:
        return False
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    return now - row.seen_at < idle and now - row.began_at < timedelta(hours=settings.SESSION_HOURS)
