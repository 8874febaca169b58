"""身份证验证: whether a name and the number of an identity card belong together, asked of whoever may know.

The hospital names its way to the authority (a gateway of its own, or of the region) in ``YIDANG_IDENTITY_CHECK``; what it
must answer stands in docs/operator/identity-check.md. Source: GB/T 39784-2021, 8.4.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.access.identity import is_card_number, read_number
from yidang.common import posting
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, Unavailable, WrongState

MATCH, MISMATCH, UNKNOWN = "match", "mismatch", "unknown"
WORDS: dict[str, tuple[str, Promise]] = {
    MATCH: ("ok", gettext_lazy("Name and number belong together")),
    MISMATCH: ("bad", gettext_lazy("Name and number do not belong together")),
    UNKNOWN: ("warn", gettext_lazy("The authority does not know this number")),
}
_SALT, _VALID_SECONDS = "yidang.access.identity_check", 3600


@dataclass(frozen=True)
class Checked:
    """The authority's word, and a ticket by which the register believes it."""

    verdict: str
    ticket: str


def is_set_up() -> bool:
    """Whether the hospital has named somebody to ask."""
    return bool(settings.IDENTITY_CHECK)


def check(name: str, number: str, *, actor: Actor, now: datetime) -> Checked:
    """Ask the authority; the log learns of the question and of the answer.

    :raises WrongState: nobody is named to be asked
    :raises InvalidInput: the name is missing, or the number is none of an identity card
    :raises Unavailable: nobody answered, or not in these words
    """
    if not is_set_up():
        raise WrongState(
            _("No service for checking identity cards is named."), code="no_identity_check",
            remedy=_("The system administrator names it in YIDANG_IDENTITY_CHECK."),
        )  # fmt: skip
    name, number = name.strip()[:60], read_number(number)
    if not name or not is_card_number(number):
        raise InvalidInput(
            _("To check an identity card, name and number are needed."), code="nothing_to_check", field="id_number",
            remedy=_("Read the card, or type both."),
        )  # fmt: skip
    verdict = _ask(name, number)
    with transaction.atomic():
        audit.write(
            "access.identity.checked", actor=actor, now=now, facts={"result": verdict},
            personal={"name": name, "id_number": number},
        )  # fmt: skip
    return Checked(verdict, signing.dumps([_of(name, number), verdict], salt=_SALT))


def _ask(name: str, number: str) -> str:
    try:
        told = json.loads(
            posting.post(settings.IDENTITY_CHECK, {"name": name, "id_number": number}, delivery=uuid4().hex)
        )
        verdict = told["result"]
        if verdict not in WORDS:
            raise ValueError(f"result {verdict!r:.40}")
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise Unavailable(
            _("The check of identity cards did not answer."), code="identity_check_silent", reasons=str(reason)[:200],
            remedy=_("Compare the card by eye and register without the check; it can be tried again."),
        ) from reason  # fmt: skip
    return str(verdict)


def verdict_of(ticket: str, name: str, number: str) -> str:
    """What was answered for exactly this name and number within the hour; empty otherwise."""
    try:
        asked, verdict = signing.loads(ticket, salt=_SALT, max_age=_VALID_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(verdict) if asked == _of(name, number) else ""


def _of(name: str, number: str) -> str:
    """Whom a ticket is about, without naming anybody in the page."""
    return salted_hmac(_SALT, f"{name}|{number}").hexdigest()
