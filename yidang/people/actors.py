"""From a person or a client to the actor that is passed on: duties are read afresh, every time."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q
from django.utils.timezone import localdate

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.people.models import ApiClient, Duty, User
from yidang.people.roles import scopes_of


def duties_on(user_ids: Iterable[int], day: date) -> dict[int, frozenset[str]]:
    """The duties of several people on a day."""
    found: dict[int, set[str]] = {user_id: set() for user_id in user_ids}
    rows = Duty.objects.filter(user_id__in=found).filter(
        Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_until=None) | Q(valid_until__gte=day)
    )
    for user_id, role in rows.values_list("user_id", "role"):
        found[user_id].add(role)
    return {user_id: frozenset(roles) for user_id, roles in found.items()}


def actor_of_user(user: User, *, address: str = "", session: str = "", now: datetime | None = None) -> Actor:
    """The actor of a person, with the duties held now."""
    duties = duties_on([user.pk], localdate(now or clock.now()))[user.pk]
    return Actor(
        kind="person",
        username=user.username,
        display_name=user.display_name,
        user_id=user.pk,
        department_id=user.department_id,
        duties=duties,
        address=address,
        session=session,
        language=user.language,
    )


def actor_of_client(client: ApiClient, *, address: str = "", now: datetime | None = None) -> Actor:
    """The actor of a client: its owner's duties, narrowed by its scopes and by what the owner may today."""
    owner = client.owner
    duties = duties_on([owner.pk], localdate(now or clock.now()))[owner.pk]
    return Actor(
        kind="client",
        username=f"client:{client.name}",
        display_name=client.name,
        user_id=owner.pk,
        department_id=owner.department_id,
        duties=duties,
        on_behalf_of=owner.username,
        client=client.name,
        address=address,
        session=str(client.public_id)[:8],
        scopes=frozenset(client.scopes) & scopes_of(duties),
        language=owner.language,
    )
