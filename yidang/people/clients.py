"""Who a token belongs to: digests only, expiry, revocation and allowed addresses asked at every call."""

import hashlib
import ipaddress
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.people.actors import actor_of_client
from yidang.people.models import ApiClient

PREFIX = "yd_"
# The time of the last use is a help for cleaning up; a write for each call would be dear.
NOTED_EVERY = timedelta(minutes=10)


def digest_of(token: str) -> str:
    """What the database keeps of a token: the token itself is 256 bits of chance, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _live(now: datetime) -> Q:
    return Q(revoked_at=None, expires_at__gt=now, owner__is_active=True)


def _let_in(client: ApiClient, address: str) -> bool:
    if not client.addresses:
        return True
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(caller in ipaddress.ip_network(network, strict=False) for network in client.addresses)


def _actor(found: Q, address: str, now: datetime) -> Actor | None:
    client = ApiClient.objects.filter(found, _live(now)).select_related("owner").first()
    if client is None or not _let_in(client, address):
        return None
    if client.last_used_at is None or now - client.last_used_at > NOTED_EVERY:
        ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)
    return actor_of_client(client, address=address, now=now)


def actor_of_token(token: str, *, address: str, now: datetime | None = None) -> Actor | None:
    """The client that a token belongs to, or nothing: unknown, expired, revoked, or from elsewhere."""
    if not token.startswith(PREFIX) or len(token) > 200:
        return None
    return _actor(Q(token_digest=digest_of(token)), address, now or clock.now())


def actor_of(client_id: str, *, address: str, now: datetime | None = None) -> Actor | None:
    """The client of a public id, as long as it is live: a ticket that it handed out ends with it.

    The ticket's user is elsewhere than the client, so allowed addresses are not asked.
    """
    try:
        public_id = UUID(str(client_id))
    except ValueError:
        return None
    moment = now or clock.now()
    client = ApiClient.objects.filter(_live(moment), public_id=public_id).select_related("owner").first()
    return actor_of_client(client, address=address, now=moment) if client else None


def client_id_of(actor: Actor) -> str:
    """The public id of the client that acts, or empty."""
    if not actor.client:
        return ""
    found = ApiClient.objects.filter(name=actor.client).values_list("public_id", flat=True).first()
    return str(found or "")
