"""The hospital's own to-do list: what waits is posted there, signed, with a link that opens the one screen once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval.models import WAITING, Seat, SignLink
from yidang.common import todo_list
from yidang.common.actor import Actor
from yidang.common.errors import NotFound

LINK_LIVES = timedelta(hours=48)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(seat: Seat, now: datetime) -> str:
    """A new address that opens a seat's screen once; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    SignLink.objects.create(seat=seat, digest=_digest(token), expires_at=now + LINK_LIVES)
    return f"{settings.ADDRESS.rstrip('/')}/sign/{token}/"


def look_up(token: str, now: datetime) -> SignLink:
    """The link, while it opens anything.

    :raises NotFound: it was used, is too old, was never given out, or its case does not wait any more
    """
    rows = SignLink.objects.select_related("seat__case", "seat__signer").filter(digest=_digest(token[:200]))
    link = rows.filter(used_at=None, expires_at__gt=now, seat__case__state=WAITING, seat__decision=None).first()
    if link is None:
        raise NotFound(
            _("This link has been used, or is too old."), code="link_spent",
            remedy=_("Sign in and open «Waiting for my signature»."),
        )  # fmt: skip
    return link


def spend(link: SignLink, *, actor: Actor, now: datetime) -> None:
    """Use a link up; of two at once only one opens.

    :raises NotFound: it is not this person's, or was used meanwhile
    """
    with transaction.atomic():
        mine = link.seat.signer_id == actor.user_id
        if not mine or not SignLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
            raise NotFound()
        audit.write(
            "approval.link.opened", actor=actor, target_kind=link.seat.case.kind, target=link.seat.case.subject, now=now,
            facts={"case": str(link.seat.case.public_id)},
        )  # fmt: skip


def message(seat: Seat, link: str, now: datetime) -> dict[str, Any]:
    """What the to-do list is told: who signs, what kind of thing by its number, until when; no title and no patient."""
    case = seat.case
    return {
        "id": str(case.public_id), "kind": case.kind, "label": case.label, "step": seat.step, "urgent": case.urgent,
        "signer": {"username": seat.signer.username, "staff_number": seat.signer.staff_number},
        "asker": case.asker.display_name, "due_at": case.due_at.isoformat() if case.due_at else None,
        "sent_at": now.isoformat(), "link": link,
    }  # fmt: skip


def hand_over(seat_id: int, *, now: datetime) -> bool:
    """Post one waiting signature to the to-do list; whether there was anything to tell.

    :raises NotTaken: the list did not answer with success
    """
    seat = Seat.objects.select_related("case__asker", "signer").filter(pk=seat_id, decision=None).first()
    if not settings.TODO_WEBHOOK or seat is None or seat.case.state != WAITING or seat.case.step != seat.step:
        return False
    delivery = f"{seat.case.public_id}/{seat.step}/{seat.signer.username}"
    todo_list.post(message(seat, make_link(seat, now), now), delivery=delivery)
    with transaction.atomic():
        audit.write(
            "approval.case.handed_over", actor=Actor.system("approval"), target_kind=seat.case.kind,
            target=seat.case.subject, now=now,
            facts={"case": str(seat.case.public_id), "step": seat.step, "signer": seat.signer.username},
        )  # fmt: skip
    return True
