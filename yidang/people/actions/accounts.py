"""Accounts: made, changed, closed, and never deleted, because the log speaks of them."""

import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound
from yidang.people import limits, passwords, row_digests, sessions
from yidang.people.actions.duties import check_combination
from yidang.people.models import Department, Duty, User
from yidang.people.policy import require_administers, require_not_oneself
from yidang.people.roles import ROLES

USERNAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,59}")
CHANGEABLE = ("display_name", "staff_number", "department", "clearance", "language")
FIRST_START_KEY = "first-start"


def _check_username(username: str, field: str = "username") -> None:
    if not USERNAME.fullmatch(username):
        raise InvalidInput(
            _("«%(name)s» cannot be a user name.") % {"name": username[:60]}, code="username_form", field=field,
            remedy=_("Use 2 to 60 Latin letters, digits, dots and hyphens, such as zhang.san or a staff number."),
        )  # fmt: skip
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidInput(
            _("There is an account «%(name)s» already.") % {"name": username}, code="username_taken", field=field,
            remedy=_("Choose another user name."),
        )  # fmt: skip


def _check_facts(facts: dict[str, Any]) -> None:
    if not str(facts.get("display_name", "x")).strip():
        raise InvalidInput(_("The name is missing."), field="display_name")
    if facts.get("clearance", 1) not in range(4):
        raise InvalidInput(_("The clearance is a number from 0 to 3."), field="clearance")
    if facts.get("language", "en") not in {"zh-hans", "en"}:
        raise InvalidInput(_("This language is not known."), field="language")


def create_user(
    *,
    username: str,
    display_name: str,
    password: str,
    actor: Actor,
    now: datetime,
    department: Department | None = None,
    roles: Sequence[str] = (),
    clearance: int = 1,
    staff_number: str = "",
    language: str = "zh-hans",
    must_change: bool = True,
) -> User:
    """Make an account, with its duties.

    :param must_change: the first sign-in asks for a password of the person's own
    :raises NotAllowed: the actor is not the security administrator
    :raises InvalidInput: the name is taken or cannot be used, the password is too easy, a duty is unknown
    :raises DutiesExclude: the duties may not be on one account
    """
    require_administers(actor)
    username = username.strip()
    _check_username(username)
    _check_facts({"display_name": display_name, "clearance": clearance, "language": language})
    for role in roles:
        if role not in ROLES:
            raise InvalidInput(_("There is no duty «%(role)s».") % {"role": role[:30]}, field="role")
    check_combination(set(roles))
    passwords.check_rules(password, username=username, display_name=display_name)
    user = User(
        username=username, display_name=display_name.strip(), department=department, clearance=clearance,
        staff_number=staff_number.strip(), language=language,
    )  # fmt: skip
    passwords.set_password(user, password, by_owner=not must_change, now=now)
    with transaction.atomic():
        user.save()
        for role in roles:
            Duty.objects.create(user=user, role=role, granted_by=actor.username)
        audit.write(
            "people.user.created", actor=actor, target_kind="user", target=user.public_id, now=now,
            facts={"roles": sorted(roles), "clearance": clearance, "department": department.key if department else ""},
            personal={"username": username, "display_name": user.display_name}, row=row_digests.digest_of(user),
        )  # fmt: skip
        audit.bind(row_digests.SECRET, [user.public_id], actor=actor, now=now)
    return user


def change_user(user: User, *, actor: Actor, now: datetime, **changes: Any) -> User:
    """Change name, staff number, department, clearance or language; open sessions end, because rights may have changed.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    :raises InvalidInput: a value cannot be used
    """
    require_administers(actor)
    require_not_oneself(actor, user)
    _check_facts(changes)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        facts: dict[str, Any] = {}
        for name in CHANGEABLE:
            if name in changes and changes[name] != getattr(user, name):
                setattr(user, name, changes[name])
                facts[name] = str(changes[name]) if name in {"department", "clearance", "language"} else "changed"
        user.save()
        if {"department", "clearance"} & facts.keys():
            sessions.end_all(user, now=now)
        audit.write(
            "people.user.changed", actor=actor, target_kind="user", target=user.public_id, now=now, facts=facts,
            row=row_digests.digest_of(user),
        )  # fmt: skip
    return user


def deactivate_user(user: User, *, actor: Actor, now: datetime) -> None:
    """Close an account: its sessions end, its clients' tokens no longer open anything.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    """
    _switch(user, False, "people.user.deactivated", actor=actor, now=now)


def reactivate_user(user: User, *, actor: Actor, now: datetime) -> None:
    """Open a closed account again.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    """
    _switch(user, True, "people.user.reactivated", actor=actor, now=now)


def _switch(user: User, active: bool, event: str, *, actor: Actor, now: datetime) -> None:
    require_administers(actor)
    require_not_oneself(actor, user)
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        ended = sessions.end_all(user, now=now)
        audit.write(
            event, actor=actor, target_kind="user", target=user.public_id, now=now, facts={"sessions_ended": ended},
            row=row_digests.digest_of(user),
        )  # fmt: skip


def reset_password(user: User, password: str, *, actor: Actor, now: datetime) -> None:
    """Give a person who forgot theirs a password for one sign-in; opens a locked account again.

    :raises NotAllowed: the actor is not the security administrator, or it is their own account
    :raises InvalidInput: the password is too easy
    """
    require_administers(actor)
    require_not_oneself(actor, user)
    passwords.check_rules(password, username=user.username, display_name=user.display_name)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        passwords.set_password(user, password, by_owner=False, now=now)
        user.save()
        limits.forget(user.username)
        sessions.end_all(user, now=now)
        audit.write("people.password.reset", actor=actor, target_kind="user", target=user.public_id, now=now)
        audit.bind(row_digests.SECRET, [user.public_id], actor=actor, now=now)


def first_start_key() -> Path:
    """Where the one-time key of the first start lies."""
    return Path(settings.DATA) / "keys" / FIRST_START_KEY


def prepare_first_start() -> str:
    """The one-time key of the first start, made when nobody has an account yet; empty when the first start is over."""
    path = first_start_key()
    if passwords.anybody_there():
        path.unlink(missing_ok=True)
        return ""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x", encoding="ascii") as made:
            path.chmod(0o600)
            made.write(secrets.token_urlsafe(12))
    except FileExistsError:
        pass  # made by an earlier start; it holds until it is used
    return path.read_text(encoding="ascii").strip()


def make_administrators(people: dict[str, dict[str, str]], *, key: str, actor: Actor, now: datetime) -> list[User]:
    """The first start: the three administrators and nothing else, once.

    :param people: by role, ``username``, ``display_name`` and ``password``
    :param key: the one-time key that `yidang serve` printed
    :raises NotFound: there are people already
    :raises InvalidInput: the key is wrong, a name or password cannot be used
    """
    path = first_start_key()
    if passwords.anybody_there() or not path.exists():
        raise NotFound()
    if not hmac.compare_digest(path.read_text(encoding="ascii").strip().encode(), key.strip().encode()):
        raise InvalidInput(
            _("The key of the first start is not right."), code="first_start_key", field="key",
            remedy=_("It was printed when the program started, and stands in the data folder under keys/first-start."),
        )  # fmt: skip
    names = [people[role]["username"].strip().lower() for role in people]
    if len(set(names)) < len(names):
        raise InvalidInput(
            _("The three administrators need three different user names."), code="three_people",
            field="security_admin-username", remedy=_("They must be three people."),
        )  # fmt: skip
    founder = Actor(kind="system", username="system:first-start", address=actor.address)
    with transaction.atomic():
        made = [_founder(role, facts, actor=founder, now=now) for role, facts in people.items()]
    path.unlink(missing_ok=True)
    return made


def _founder(role: str, facts: dict[str, str], *, actor: Actor, now: datetime) -> User:
    try:
        return create_user(
            username=facts["username"], display_name=facts["display_name"], password=facts["password"],
            roles=[role], actor=actor, now=now, clearance=0, must_change=False,
        )  # fmt: skip
    except InvalidInput as error:
        error.field = f"{role}-{error.field}"
        raise
