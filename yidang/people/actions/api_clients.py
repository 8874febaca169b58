"""API clients: a token printed once, never more than its owner may."""

import ipaddress
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.people import row_digests
from yidang.people.actors import duties_on
from yidang.people.clients import PREFIX, digest_of
from yidang.people.models import ApiClient, User
from yidang.people.policy import require_administers
from yidang.people.roles import SCOPES, scopes_of

NAME = re.compile(r"[\w][\w .-]{0,58}")
LONGEST_DAYS = 730


class ScopeTooWide(InvalidInput):
    """A client may not do more than its owner."""

    code = "scope_too_wide"


def create_client(
    name: str,
    *,
    owner: User,
    scopes: Sequence[str],
    days: int,
    actor: Actor,
    now: datetime,
    addresses: Sequence[str] = (),
) -> tuple[ApiClient, str]:
    """Make a client and its token; the token is shown this once, and only its digest is kept.

    :param addresses: networks from which it may call, such as 10.8.0.0/16; none: from anywhere
    :raises NotAllowed: the actor is not the security administrator
    :raises InvalidInput: the name is taken, a scope unknown or wider than the owner's, a network cannot be read
    """
    require_administers(actor)
    name = name.strip()
    if not NAME.fullmatch(name):
        raise InvalidInput(_("The client needs a name of at most 60 letters, digits, dots and hyphens."), field="name")
    if ApiClient.objects.filter(name=name).exists():
        raise InvalidInput(_("There is a client «%(name)s» already.") % {"name": name}, field="name")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(_("A token lives from 1 to %(days)d days.") % {"days": LONGEST_DAYS}, field="days")
    _check_scopes(owner, scopes, now)
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        client = ApiClient.objects.create(
            name=name, owner=owner, token_digest=digest_of(token), scopes=sorted(set(scopes)),
            addresses=_networks(addresses), expires_at=now + timedelta(days=days), created_by=actor.username,
        )  # fmt: skip
        audit.write(
            "people.client.created", actor=actor, target_kind="client", target=client.public_id, now=now,
            facts={
                "name": name, "owner": owner.username, "scopes": client.scopes, "days": days,
                "addresses": client.addresses,
            },
        )  # fmt: skip
        audit.bind(row_digests.CLIENT, [client.public_id], actor=actor, now=now)
    return client, token


def _check_scopes(owner: User, scopes: Sequence[str], now: datetime) -> None:
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        raise InvalidInput(
            _("There is no scope «%(scope)s».") % {"scope": ", ".join(unknown)}, field="scopes",
            remedy=_("Choose from: %(scopes)s.") % {"scopes": ", ".join(SCOPES)},
        )  # fmt: skip
    may = scopes_of(duties_on([owner.pk], localdate(now))[owner.pk])
    wider = sorted(set(scopes) - may)
    if wider:
        raise ScopeTooWide(
            _("The owner may not use %(scopes)s.") % {"scopes": ", ".join(wider)}, field="scopes",
            remedy=_("Leave it out, or choose an owner who may."),
        )  # fmt: skip


def _networks(texts: Sequence[str]) -> list[str]:
    networks = []
    for text in texts:
        try:
            networks.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            raise InvalidInput(
                _("«%(text)s» is not an address or a network.") % {"text": text[:50]}, field="addresses",
                remedy=_("Write it as 10.8.0.12 or 10.8.0.0/16."),
            ) from None  # fmt: skip
    return networks


def revoke_client(client: ApiClient, *, actor: Actor, now: datetime) -> None:
    """End a client; its next call is refused.

    :raises NotAllowed: the actor is neither the security administrator nor the owner
    :raises WrongState: it was revoked before
    """
    if actor.user_id != client.owner_id or actor.kind != "person":
        require_administers(actor)
    with transaction.atomic():
        ended = ApiClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=now)
        if not ended:
            raise WrongState(_("The client was revoked before."), code="client_revoked")
        audit.write(
            "people.client.revoked", actor=actor, target_kind="client", target=client.public_id, now=now,
            facts={"name": client.name},
        )  # fmt: skip
        audit.bind(row_digests.CLIENT, [client.public_id], actor=actor, now=now)
