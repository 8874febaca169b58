"""Which route a case takes, and who sits at each of its steps; the asker never does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from yidang import audit
from yidang.approval import row_digests
from yidang.approval.models import Route, Watch
from yidang.approval.subjects import registered
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import Unavailable
from yidang.people.actors import duties_on
from yidang.people.models import Department, User


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


def current_routes(kind: str) -> list[Route]:
    """The current routes of a kind in the order in which they are asked; laid down with the first question."""
    found = list(Route.objects.filter(kind=kind, is_current=True).order_by("position", "pk"))
    if found or Route.objects.filter(kind=kind).exists():
        return found
    subject = registered(kind)
    rows = [
        Route(kind=kind, position=(place + 1) * 10, **row)
        for place, row in enumerate(subject.default_routes if subject else ())
    ]
    if not rows:
        return []
    with transaction.atomic():
        Route.objects.bulk_create(rows, ignore_conflicts=True)
        laid = list(Route.objects.filter(kind=kind, is_current=True).order_by("position", "pk"))
        audit.bind(row_digests.ROUTE, [one.pk for one in laid], actor=Actor.system("approval"), now=clock.now())
    return laid


def route_for(kind: str, facts: Mapping[str, Any], routes: Sequence[Route] | None = None) -> Route:
    """The first current route whose conditions hold.

    :param routes: other routes than the current ones, for a rehearsal
    :raises NoRoute: none fits
    """
    for route in current_routes(kind) if routes is None else routes:
        if route.steps and fits(route.conditions, facts):
            return route
    raise NoRoute(kind=kind)


def route_if_any(kind: str, facts: Mapping[str, Any]) -> Route | None:
    """The route that a deed takes, or nothing: the hospital wants no signatures for it."""
    try:
        return route_for(kind, facts)
    except NoRoute:
        return None


def signers(step: Mapping[str, Any], asker: User, *, now: datetime) -> Sequence[User]:
    """The people who sit at a step today, without the asker; when nobody of them is there, those named otherwise.

    :raises NobodySigns: nobody is left
    """
    for named in (step["signers"], *([one] for one in step.get("otherwise", ()))):
        found = people(named, asker, now=now)
        if found:
            return found
    raise NobodySigns()


def people(named: Iterable[Mapping[str, Any]], asker: User, *, now: datetime) -> list[User]:
    """Everybody whom the entries name, without the asker."""
    found: dict[int, User] = {}
    for one in named:
        for user in _named(one, asker, now):
            if user.pk != asker.pk:
                found[user.pk] = user
    return list(found.values())


def _named(one: Mapping[str, Any], asker: User, now: datetime) -> Sequence[User]:
    by, value = one["by"], one.get("value", "")
    active = User.objects.filter(is_active=True)
    if by == "person":
        return list(active.filter(username__iexact=value))
    if by == "watch":
        return list(active.filter(watches__in=Watch.objects.filter(begins_at__lte=now, ends_at__gt=now)).distinct())
    if by == "department_head":
        return _head(asker.department, now, but=asker.pk)
    held = active.filter(duties__role=value).distinct()
    if one.get("department"):
        held = held.filter(department__key=one["department"])
    return _on_duty(list(held), value, now)


def _head(department: Department | None, now: datetime, *, but: int) -> Sequence[User]:
    """The approvers of a department, or of the nearest one above it that has any."""
    while department is not None:
        held = User.objects.filter(is_active=True, duties__role="approver", department=department).distinct()
        heads = _on_duty([user for user in held if user.pk != but], "approver", now)
        if heads:
            return heads
        department = department.parent
    return []


def _on_duty(found: Sequence[User], role: str, now: datetime) -> Sequence[User]:
    today = duties_on([user.pk for user in found], localdate(now))
    return [user for user in found if role in today[user.pk]]
