"""Re-authentication: the password is asked again where a route wants it, and counted like a sign-in."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.people import limits, passwords
from yidang.people.models import User


class TooManyTries(NotAllowed):
    """The password was wrong too often; it was not looked at."""

    code = "too_many_attempts"


def confirm(password: str, *, actor: Actor, now: datetime) -> None:
    """Make sure that the person who is signed in is the one at the keyboard.

    :raises InvalidInput: the password is wrong
    :raises TooManyTries: it was wrong too often
    """
    with transaction.atomic():
        attempt, wait = limits.begin_attempt(actor.username, actor.address, now=now)
    if attempt is None:
        raise TooManyTries(
            _("There were too many attempts with wrong passwords."),
            remedy=_("Wait %(minutes)d min, then try again.") % {"minutes": max(1, -(-wait // 60))},
        )
    user = User.objects.get(pk=actor.user_id)
    if not user.is_active or not check_password(password[: passwords.MOST], user.password):
        with transaction.atomic():
            audit.write("approval.password.refused", actor=actor, outcome="refused", now=now)
        raise InvalidInput(_("The password is not right; nothing was signed."), field="password", code="password_wrong")
    with transaction.atomic():
        limits.note_success(attempt)
