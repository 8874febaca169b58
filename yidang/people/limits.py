"""Guessing is useless: tries are counted by account and by source, and each further failure doubles the wait."""

import zlib
from datetime import datetime, timedelta

from django.db import connection

from yidang.people.models import SignInAttempt

FREE = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_BY_NAME = timedelta(hours=1)
LONGEST_BY_SOURCE = timedelta(minutes=15)
BY_NAME = timedelta(days=1)
BY_SOURCE = timedelta(minutes=30)


def begin_attempt(username: str, address: str, *, now: datetime) -> tuple[SignInAttempt | None, int]:
    """Count a try as failed before its password is looked at, so that many at once cannot slip through.

    :returns: the counted try, or None and the seconds to wait
    """
    _one_after_another(username)
    wait = max(_wait_by_name(username, now), _wait_by_source(address, now))
    if wait > timedelta(0):
        return None, int(wait.total_seconds()) + 1
    SignInAttempt.objects.filter(at__lt=now - BY_NAME).delete()
    attempt = SignInAttempt.objects.create(username=username.lower(), address=address, at=now, succeeded=False)
    return attempt, 0


def note_success(attempt: SignInAttempt) -> None:
    """The try's password was right."""
    SignInAttempt.objects.filter(pk=attempt.pk).update(succeeded=True)


def forget(username: str) -> None:
    """Open a locked account again, when its administrator gives it a new password."""
    SignInAttempt.objects.filter(username=username.lower()).delete()


def _wait_by_name(username: str, now: datetime) -> timedelta:
    tries = SignInAttempt.objects.filter(username=username.lower(), at__gt=now - BY_NAME).order_by("-at", "-pk")
    failures: list[datetime] = []
    for at, succeeded in tries.values_list("at", "succeeded")[:60]:
        if succeeded:
            break
        failures.append(at)
    return _wait(failures, now, LONGEST_BY_NAME)


def _wait_by_source(address: str, now: datetime) -> timedelta:
    # A success does not clear a source: who has an account of their own could try others' between two of theirs.
    failures = SignInAttempt.objects.filter(address=address, succeeded=False, at__gt=now - BY_SOURCE)
    return _wait(list(failures.order_by("-at").values_list("at", flat=True)[:60]), now, LONGEST_BY_SOURCE)


def _wait(failures: list[datetime], now: datetime, longest: timedelta) -> timedelta:
    if len(failures) < FREE:
        return timedelta(0)
    wait = min(FIRST_WAIT * 2 ** min(len(failures) - FREE, 20), longest)
    return failures[0] + wait - now


def _one_after_another(username: str) -> None:
    """On PostgreSQL two tries for one name wait for one another; on SQLite every writer does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [7_301, zlib.crc32(username.lower().encode()) >> 1])
