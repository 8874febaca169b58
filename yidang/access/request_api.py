"""Asking, deciding and what waits, over HTTP: ``/api/v1/access-requests``."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from yidang.access import request_queries as queries
from yidang.access import requests
from yidang.access.models import AccessRequest
from yidang.approval import actions as approval
from yidang.approval.confirming import confirm
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, WrongState
from yidang.ui.paging import page

router = Router(tags=["requests"])


class Asked(Schema):
    """Which records, for what, what to do with them, for how many days."""

    records: list[str]
    actions: list[str] = ["view"]
    purpose: str = ""
    days: int = 7
    reason: str = ""
    basis: str = ""
    basis_detail: str = ""
    urgent: bool = False
    pages: str = ""
    times: int | None = None
    sheets: int | None = None
    address: str = ""


class Decided(Schema):
    """The decision; ``step`` guards against signing a step that was not looked at."""

    decision: str
    note: str = ""
    days: int | None = None
    step: int | None = None
    without: list[int] = []
    actions: list[str] | None = None
    password: str = ""


def _asker(request: HttpRequest) -> Actor:
    actor: Actor = request.actor
    if not actor.may_use("requests"):
        raise NotAllowed(code="scope_missing")
    return actor


@router.post("/access-requests", response={201: dict[str, Any]}, summary="Ask for access")
def ask(request: HttpRequest, asked: Asked) -> Status[dict[str, Any]]:
    """State ``granted`` where the rules allow it at once, else ``waiting``. A name is an id or a code."""
    actor, now = _asker(request), clock.now()
    made = requests.ask(requests.Ask(**asked.dict()), actor=actor, now=now)
    return Status(201, queries.as_json(queries.readable(made.public_id, actor=actor, now=now), actor, now, full=True))


@router.get("/access-requests", summary="My requests, or what waits for my signature")
def listed(
    request: HttpRequest, waiting_for_me: bool = False, state: str = "", cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """Those that wait for the caller, the oldest first; else the caller's own, the newest first."""
    actor, now = _asker(request), clock.now()
    if waiting_for_me:
        rows, order = queries.waiting_for(actor, now), ("asked_at", "id")
    else:
        rows, order = AccessRequest.objects.of(actor).select_related("asker", "case__route"), ("-asked_at", "-id")
    if state:
        rows = rows.filter(state=state)
    found = page(rows, order_by=order, cursor=cursor, limit=limit)
    return found.as_json([queries.as_json(one, actor, now, full=False) for one in found])


@router.get("/access-requests/{public_id}", summary="One request")
def one(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    """With its records, steps, decisions and grants, for who asked and who signs."""
    actor, now = _asker(request), clock.now()
    return queries.as_json(queries.readable(public_id, actor=actor, now=now), actor, now, full=True)


@router.post("/access-requests/{public_id}/decisions", response={201: dict[str, Any]}, summary="Decide")
def decide(request: HttpRequest, public_id: UUID, decided: Decided) -> Status[dict[str, Any]]:
    """Approve, refuse or return; the last signature issues the grants. A browser's session sends the password where
    the route asks for it; a token is a credential of its own."""
    actor, now = _asker(request), clock.now()
    found = queries.readable(public_id, actor=actor, now=now)
    if found.case is None:
        raise WrongState()
    if decided.password and actor.kind == "person":
        confirm(decided.password, actor=actor, now=now)
    narrowed: dict[str, Any] = {"without": sorted(set(decided.without))} if decided.without else {}
    if decided.actions is not None:
        narrowed["actions"] = sorted(set(decided.actions))
    approval.decide(
        found.case.pk, choice=decided.decision, actor=actor, now=now, note=decided.note[:2000], days=decided.days,
        step=found.case.step if decided.step is None else decided.step, narrowed=narrowed,
        confirmed=bool(decided.password),
    )  # fmt: skip
    return Status(201, queries.as_json(queries.readable(public_id, actor=actor, now=now), actor, now, full=True))


@router.delete("/access-requests/{public_id}", response={204: None}, summary="Withdraw a request")
def withdraw(request: HttpRequest, public_id: UUID) -> Status[None]:
    """Take back what waits or was returned."""
    actor, now = _asker(request), clock.now()
    requests.withdraw(queries.readable(public_id, actor=actor, now=now), actor=actor, now=now)
    return Status(204, None)
