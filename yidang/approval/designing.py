"""Routes are changed by people who do not program: a change is a new version, tried out on past cases before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.approval import row_digests
from yidang.approval.models import Case, Route
from yidang.approval.routing import NobodySigns, NoRoute, current_routes, route_for, signers
from yidang.approval.seating import may_set_watch
from yidang.approval.subjects import Subject, registered
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound
from yidang.people.models import Department, User

SIGNERS = {
    "": gettext_lazy("nobody"),
    "department_head": gettext_lazy("Head of the asker's department"),
    "duty:approver": gettext_lazy("Department head (approver)"),
    "duty:leader": gettext_lazy("Hospital leader"),
    "duty:archivist": gettext_lazy("Archive room"),
    "duty:records_clerk": gettext_lazy("Medical records office"),
    "watch": gettext_lazy("Duty officer of the moment"),
    "person": gettext_lazy("One person, by user name"),
}
STEPS_MOST, SIGNERS_MOST, REHEARSED = 5, 3, 60
NUMBERS = {
    "levels": gettext_lazy("Security from (0 public, 1 internal, 2 sensitive, 3 restricted)"),
    "amount": gettext_lazy("Records from"),
    "days": gettext_lazy("Days from"),
}
_OTHERWISE = [{"by": "duty", "value": role} for role in ("approver", "leader", "archivist")]


def may_design(actor: Actor) -> bool:
    """The archive room keeps the routes."""
    return may_set_watch(actor)


def subject_for(kind: str) -> Subject:
    """A kind of case.

    :raises NotFound: there is none of this name
    """
    found = registered(kind)
    if found is None:
        raise NotFound()
    return found


def numbers_of(kind: str) -> dict[str, Any]:
    """The numbers that conditions of a kind may ask, with their words."""
    return {**NUMBERS, **subject_for(kind).numbers}


def read_form(kind: str, posted: Any, before: Route | None) -> Route:
    """What the form says, as a route that is not saved.

    :raises InvalidInput: no name, no step, a person or department that is not there, or a number that is none
    """
    label = " ".join(posted.get("label", "").split())[:60]
    if not label:
        raise InvalidInput(_("Give the route a name."), field="label")
    conditions: dict[str, Any] = {}
    for name, choices in subject_for(kind).facts().items():
        chosen = [key for key in posted.getlist(name) if key in choices]
        if chosen:
            conditions[name] = chosen
    for name in numbers_of(kind):
        if posted.get(name, "").strip():
            conditions[name] = {"min": _number(posted.get(name, ""), name)}
    steps = [step for place in range(STEPS_MOST) if (step := _step(posted, place, before))]
    if not steps:
        raise InvalidInput(_("A route has at least one step with somebody who signs."), field="step-0-0")
    labels = {"zh": label, "en": " ".join(posted.get("label_en", "").split())[:60] or label}
    return Route(
        kind=kind, key=before.key if before else "", labels=labels, conditions=conditions, steps=steps,
        position=_number(posted.get("position", "") or "0", "position"),
        target_hours=max(1, _number(posted.get("hours", "") or "24", "hours")),
    )  # fmt: skip


def save(route: Route, before: Route | None, *, actor: Actor, now: datetime) -> Route:
    """Put a new version in place; cases under way keep theirs.

    :raises NotAllowed: the actor does not keep the routes
    """
    if not may_design(actor):
        raise NotAllowed()
    with transaction.atomic():
        if before is not None:
            former = Route.objects.filter(kind=route.kind, key=before.key, is_current=True)
            replaced = list(former.values_list("pk", flat=True))
            former.update(is_current=False)
            last = Route.objects.filter(kind=route.kind, key=before.key).order_by("-version").first()
            route.key, route.version = before.key, (last.version if last else 0) + 1
        else:
            replaced = []
            route.key = f"own-{Route.objects.filter(kind=route.kind).count() + 1}"
        route.save()
        audit.write(
            "approval.route.changed", actor=actor, target_kind="route", target=f"{route.kind}/{route.key}", now=now,
            facts={"version": route.version, "conditions": route.conditions, "steps": route.steps, "hours": route.target_hours},
        )  # fmt: skip
        audit.bind(row_digests.ROUTE, [*replaced, route.pk], actor=actor, now=now)
    return route


def retire(route: Route, *, actor: Actor, now: datetime) -> None:
    """Take a route away; cases under way keep it.

    :raises NotAllowed: the actor does not keep the routes
    :raises InvalidInput: it is the last one without conditions, which takes what no other takes
    """
    if not may_design(actor):
        raise NotAllowed()
    others = Route.objects.filter(kind=route.kind, is_current=True).exclude(pk=route.pk)
    if not subject_for(route.kind).optional and not any(not other.conditions for other in others):
        raise InvalidInput(_("One route without conditions must stay: it takes what no other takes."), field="label")
    with transaction.atomic():
        Route.objects.filter(pk=route.pk).update(is_current=False)
        audit.write(
            "approval.route.changed", actor=actor, target_kind="route", target=f"{route.kind}/{route.key}", now=now,
            facts={"retired": True},
        )  # fmt: skip
        audit.bind(row_digests.ROUTE, [route.pk], actor=actor, now=now)


@dataclass(frozen=True)
class Rehearsed:
    """One past case as it would go today.

    :param signers: by step, the names of who would sit there; a sentence where the route would fail
    """

    case: Case
    route: str | Mapping[str, str]
    signers: Sequence[str]
    trouble: str
    changed: bool


def rehearse(route: Route, before: Route | None, *, now: datetime) -> list[Rehearsed]:
    """Who would have signed the last cases, had the route been like this."""
    kept = [one for one in current_routes(route.kind) if before is None or one.key != before.key]
    routes = sorted([*kept, route], key=lambda one: (one.position, one is route))
    cases = Case.objects.filter(kind=route.kind).select_related("asker__department", "route").order_by("-opened_at")
    return [_rehearsed(case, routes, route, now) for case in cases[:REHEARSED]]


def _rehearsed(case: Case, routes: Sequence[Route], tried: Route, now: datetime) -> Rehearsed:
    try:
        taken = route_for(case.kind, case.facts, routes)
    except NoRoute as none:
        return Rehearsed(case, "", [], str(none), True)
    names: list[str] = []
    try:
        for step in taken.steps:
            names.append("、".join(_called(user) for user in signers(step, case.asker, now=now)))
    except NobodySigns as nobody:
        return Rehearsed(case, taken.labels, names, str(nobody), True)
    return Rehearsed(case, taken.labels, names, "", taken is tried or taken.key != case.route.key)


def _called(user: User) -> str:
    return user.display_name or user.username


def _step(posted: Any, place: int, before: Route | None) -> dict[str, Any] | None:
    named = [one for row in range(SIGNERS_MOST) if (one := _signer(posted, f"step-{place}-{row}"))]
    if not named:
        return None
    former = before.steps[place] if before and place < len(before.steps) else {}
    step: dict[str, Any] = {"signers": named, "need": "all" if posted.get(f"step-{place}-need") == "all" else "any"}
    if posted.get(f"step-{place}-reauth"):
        step["reauth"] = True
    step["otherwise"] = former.get("otherwise", _OTHERWISE)
    if former.get("escalate"):
        step["escalate"] = former["escalate"]
    return step


def _signer(posted: Any, field: str) -> dict[str, Any] | None:
    who, detail = posted.get(field, ""), posted.get(f"{field}-of", "").strip()[:60]
    if who not in SIGNERS or not who:
        return None
    by, _colon, value = who.partition(":")
    if by == "person":
        user = User.objects.filter(username__iexact=detail, is_active=True).first()
        if user is None:
            raise InvalidInput(_("There is no account «%(name)s».") % {"name": detail}, field=f"{field}-of")
        return {"by": "person", "value": user.username}
    one: dict[str, Any] = {"by": by, **({"value": value} if value else {})}
    if detail and by == "duty":
        if not Department.objects.filter(key=detail).exists():
            raise InvalidInput(_("There is no department «%(key)s».") % {"key": detail}, field=f"{field}-of")
        one["department"] = detail
    return one


def _number(text: str, field: str) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise InvalidInput(_("Write a whole number."), field=field)
    return int(text)
