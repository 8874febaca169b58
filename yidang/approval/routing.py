"""Which route a case takes, and who sits at each of its steps; the asker never does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from yidang.approval.models import Route
from yidang.common.errors import Unavailable
from yidang.people.actors import duties_on
from yidang.people.models import User


class NoRoute(Unavailable):
    """No current route fits the case."""

    code = "no_route"
    default_message = _("No approval route fits this request.")
    default_remedy = _("Ask the archive room to set up a route for it.")


class NobodySigns(Unavailable):
    """A step of the route has nobody who could sign it."""

    code = "nobody_signs"
    default_message = _("A step of the approval route has nobody who could sign it.")
    default_remedy = _("Ask the archive room to name another signer for this step.")


def fits(conditions: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether every condition of a route holds for the facts of a case; a fact that is missing fits no condition."""
    return all(name in facts and _holds(wanted, facts[name]) for name, wanted in conditions.items())


def _holds(wanted: Any, value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    if isinstance(wanted, dict):
        return any(isinstance(one, int | float) and one >= wanted["min"] for one in values)
    return any(one in wanted for one in values)


def route_for(kind: str, facts: Mapping[str, Any]) -> Route:
    """The first current route whose conditions hold.

    :raises NoRoute: none fits
    """
    for route in Route.objects.filter(kind=kind, is_current=True).order_by("position", "pk"):
        if route.steps and fits(route.conditions, facts):
            return route
    raise NoRoute(kind=kind)


def signers(step: Mapping[str, Any], asker: User, *, now: datetime) -> Sequence[User]:
    """The people who sit at a step today, without the asker.

    :raises NobodySigns: nobody is left
    """
    found: dict[int, User] = {}
    for named in step["signers"]:
        for user in _named(named["by"], named.get("value", ""), asker, now):
            if user.pk != asker.pk:
                found[user.pk] = user
    if not found:
        raise NobodySigns()
    return list(found.values())


def _named(by: str, value: str, asker: User, now: datetime) -> Sequence[User]:
    active = User.objects.filter(is_active=True)
    if by == "person":
        return list(active.filter(username__iexact=value))
    role = value if by == "duty" else "approver"
    held = active.filter(duties__role=role).distinct()
    if by == "department_head":
        if asker.department_id is None:
            return []
        held = held.filter(department_id=asker.department_id)
    people = list(held)
    today = duties_on([user.pk for user in people], localdate(now))
    return [user for user in people if role in today[user.pk]]
