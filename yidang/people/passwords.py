"""Rules of passwords: long enough, of several kinds of characters, not the name, not common, not one of the last."""

from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput
from yidang.people.models import FormerPassword, User

LEAST, MOST = 10, 200
KINDS = 3
REMEMBERED = 3


class PasswordRefused(InvalidInput):
    """The password does not keep the rules."""

    code = "password_refused"


def anybody_there() -> bool:
    """Whether the first start is over; accounts that a rebuild made for owners of files cannot sign in and do not count."""
    return User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()


def must_change(user: User, *, now: datetime) -> bool:
    """Whether the person has to choose a new password before anything else."""
    if user.must_change_password or user.password_changed_at is None:
        return True
    days = settings.PASSWORD_MAX_AGE_DAYS
    return bool(days) and now - user.password_changed_at > timedelta(days=days)


@cache
def dummy_hash() -> str:
    """What an unknown name's password is compared with, so that it takes as long as a known one's."""
    return make_password("nobody has this password")


def check_rules(password: str, *, username: str, display_name: str, field: str = "password") -> None:
    """Refuse a password that is too easy.

    :raises PasswordRefused: which rule it breaks
    """
    if len(password) < LEAST:
        sentence = _("The password has fewer than %(count)s characters.") % {"count": LEAST}
    elif len(password) > MOST:
        sentence = _("The password has more than %(count)s characters.") % {"count": MOST}
    elif _kinds(password) < KINDS:
        sentence = _("The password needs three of these: small letters, capitals, digits, signs.")
    elif any(len(name) > 1 and name.lower() in password.lower() for name in (username, display_name)):
        sentence = _("The password contains the name.")
    elif _is_common(password):
        sentence = _("The password is one of those that everybody tries first.")
    else:
        return
    raise PasswordRefused(
        sentence, field=field, remedy=_("Choose another one; a short sentence with a number is good.")
    )


def check_history(user: User, password: str, *, field: str = "password") -> None:
    """Refuse the present password and the last ones.

    :raises PasswordRefused: it was used before
    """
    former = user.former_passwords.order_by("-id").values_list("hash", flat=True)[: REMEMBERED - 1]
    if any(check_password(password, used) for used in [user.password, *former] if used):
        raise PasswordRefused(
            _("This password was used before."), field=field, remedy=_("Choose one that is new for this account.")
        )


def set_password(user: User, password: str, *, by_owner: bool, now: datetime) -> None:
    """Put a new password in place; one that somebody else set has to be changed at the first sign-in."""
    if user.pk and user.password:
        FormerPassword.objects.create(user=user, hash=user.password, replaced_at=now)
        keep = list(user.former_passwords.order_by("-id").values_list("pk", flat=True)[:REMEMBERED])
        user.former_passwords.exclude(pk__in=keep).delete()
    user.password = make_password(password)
    user.password_changed_at = now
    user.must_change_password = not by_owner


def _kinds(password: str) -> int:
    kinds = {
        "small" if sign.islower() else "capital" if sign.isupper() else "digit" if sign.isdigit() else "sign"
        for sign in password
    }
    return len(kinds)


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def _is_common(password: str) -> bool:
    # Common words with a number and a sign behind them are tried as well.
    for candidate in (password, password.rstrip("0123456789!@#$%^&*.?_-")):
        try:
            _common().validate(candidate)
        except ValidationError:
            return True
    return False
