"""Signing in and out, and one's own password and language."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.people import limits, passwords, row_digests, sessions
from yidang.people.actors import actor_of_user
from yidang.people.models import User


class SignInRefused(InvalidInput):
    """Name and password do not fit; which of the two is not said."""

    code = "sign_in_refused"


class TooManyAttempts(NotAllowed):
    """Too many wrong passwords, for this name or from this place."""

    code = "too_many_requests"


def sign_in(request: HttpRequest, *, username: str, password: str, actor: Actor, now: datetime) -> User:
    """Begin a session, when name and password fit; every try is counted before its password is looked at.

    :param actor: nobody, at the caller's address
    :raises SignInRefused: they do not fit, or the account is closed: the same words, after the same time
    :raises TooManyAttempts: too many failures; the password was not looked at
    """
    username, address = username.strip()[:60], actor.address
    with transaction.atomic():
        attempt, wait = limits.begin_attempt(username, address, now=now)
        if attempt is None:
            audit.write(
                "people.session.begun", actor=actor, outcome="refused", now=now,
                facts={"because": "too_many_attempts", "wait_seconds": wait}, personal={"username": username},
            )  # fmt: skip
    if attempt is None:
        raise TooManyAttempts(
            _("There were too many attempts with wrong passwords."),
            remedy=_("Wait %(minutes)d min, then try again.") % {"minutes": max(1, -(-wait // 60))},
            wait_seconds=wait,
        )
    user = User.objects.filter(username__iexact=username).first()
    # The hash takes its time outside of any transaction, and for a name that nobody has as well.
    fits = check_password(
        password[: passwords.MOST], user.password if user and user.password else passwords.dummy_hash()
    )
    if user is None or not user.is_active or not fits:
        with transaction.atomic():
            audit.write(
                "people.session.begun", actor=actor, target_kind="user",
                target=user.public_id if user else "", outcome="refused", now=now,
                facts={"because": "not_fitting"}, personal={"username": username},
            )  # fmt: skip
        raise SignInRefused(
            _("This user name and password do not fit together."),
            remedy=_("Check both, and whether Caps Lock is on; then try again."),
        )
    with transaction.atomic():
        limits.note_success(attempt)
        row = sessions.begin(request, user, address=address, now=now)
        User.objects.filter(pk=user.pk).update(last_login=now)
        signed_in = actor_of_user(user, address=address, session=row.key_digest[:12], now=now)
        audit.write(
            "people.session.begun", actor=signed_in, target_kind="user", target=user.public_id, now=now,
            facts={"duties": sorted(signed_in.duties)},
        )  # fmt: skip
    return user


def sign_out(request: HttpRequest, *, actor: Actor, now: datetime) -> None:
    """End the session on the server; its cookie opens nothing any more."""
    with transaction.atomic():
        sessions.end(request, now=now)
        audit.write("people.session.ended", actor=actor, now=now)


def change_password(request: HttpRequest, *, present: str, password: str, actor: Actor, now: datetime) -> None:
    """Choose a new password for oneself; every other session of the account ends, this one goes on under a new key.

    :raises InvalidInput: the present password is wrong, or the new one breaks a rule
    :raises TooManyAttempts: the present password was wrong too often
    """
    user = User.objects.get(pk=actor.user_id)
    with transaction.atomic():
        attempt, wait = limits.begin_attempt(user.username, actor.address, now=now)
    if attempt is None:
        raise TooManyAttempts(
            _("There were too many attempts with wrong passwords."),
            remedy=_("Wait %(minutes)d min, then try again.") % {"minutes": max(1, -(-wait // 60))},
        )
    if not check_password(present[: passwords.MOST], user.password):
        with transaction.atomic():
            audit.write(
                "people.password.changed", actor=actor, target_kind="user", target=user.public_id,
                outcome="refused", now=now, facts={"because": "present_password_wrong"},
            )  # fmt: skip
        raise InvalidInput(_("The present password is not right."), code="present_password_wrong", field="present")
    with transaction.atomic():
        limits.note_success(attempt)
    passwords.check_rules(password, username=user.username, display_name=user.display_name)
    passwords.check_history(user, password)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        passwords.set_password(user, password, by_owner=True, now=now)
        user.save()
        sessions.end_all(user, now=now)
        sessions.begin(request, user, address=actor.address, now=now)
        audit.write("people.password.changed", actor=actor, target_kind="user", target=user.public_id, now=now)
        audit.bind(row_digests.SECRET, [user.public_id], actor=actor, now=now)


def remember_language(actor: Actor, language: str) -> None:
    """Keep a person's choice of language; named in the settings as the hook of the language switch."""
    if actor.kind == "person":
        with transaction.atomic():
            User.objects.filter(pk=actor.user_id).update(language=language)
            audit.write("people.language.chosen", actor=actor, facts={"language": language})
