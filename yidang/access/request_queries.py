"""Requests and grants as people and programs read them; titles only where the reader sees the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from yidang.access.request_models import AccessRequest, RequestedRecord
from yidang.access.requests import KIND, LIMITS
from yidang.access.under_grant import limits_in_words
from yidang.approval import queries as approval
from yidang.approval.models import Case
from yidang.catalogue.models import Record, among
from yidang.common.actor import Actor
from yidang.common.errors import NotFound
from yidang.people.models import User
from yidang.permissions.actions import FLAGS, left_of
from yidang.permissions.limits import places_in_words
from yidang.permissions.models import Grant


def readable(public_id: UUID | str, *, actor: Actor, now: datetime) -> AccessRequest:
    """A request that the actor asked for, signs, or signed.

    :raises NotFound: anybody else's
    """
    rows = AccessRequest.objects.select_related("asker__department", "case__route", "case__asker")
    found: AccessRequest | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    if found.asker_id == actor.user_id or (
        found.case is not None and approval.known_to(actor, now).filter(pk=found.case_id).exists()
    ):
        return found
    raise NotFound()


def waiting_for(actor: Actor, now: datetime) -> QuerySet[AccessRequest]:
    """The requests that wait for the actor's signature."""
    cases = approval.waiting_for(actor, now).filter(kind=KIND)
    waiting: QuerySet[AccessRequest] = AccessRequest.objects.filter(case__in=cases.values("pk"))
    return waiting.select_related("asker", "case__route")


@dataclass(frozen=True)
class Row:
    """One record of a request with what this reader may know of it.

    :param record: only for who sees it
    """

    row: RequestedRecord
    record: Record | None


def records_of(request: AccessRequest, actor: Actor) -> list[Row]:
    """The records of a request; signers see the entries, the asker those that they see anyway."""
    rows = list(request.records.select_related("record", "grant"))
    if request.asker_id != actor.user_id:
        return [Row(row, row.record) for row in rows]
    ids = [row.record_id for row in rows if row.record_id]
    seen = set(Record.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return [Row(row, row.record if row.record_id in seen else None) for row in rows]


@dataclass(frozen=True)
class Held:
    """One grant of a person with its record, where they still see it."""

    grant: Grant
    record: Record | None
    actions: list[str]
    live: bool
    limits: list[str]  # in words


def grants_of(actor: Actor) -> QuerySet[Grant]:
    """The grants of a person."""
    return Grant.objects.filter(subject_id=actor.user_id) if actor.user_id else Grant.objects.none()


def said_before(grant: Grant) -> dict[str, Any]:
    """What the request of a permission said and how the permission was narrowed, to ask for it anew."""
    row = RequestedRecord.objects.select_related("request").filter(grant=grant).first()
    words = ("purpose", "reason", "basis", "basis_detail", "days") if row else ()
    return {
        **{name: getattr(row.request, name) for name in words if row},
        **{name: getattr(grant, name) for name in LIMITS}, "address": places_in_words(grant.address),
        "actions": [action for action, flag in FLAGS.items() if getattr(grant, flag)],
    }  # fmt: skip


def held(grants: list[Grant], actor: Actor, now: datetime) -> list[Held]:
    """Grants as their holder reads them."""
    visible = Record.objects.visible_to(actor).filter(pk__in=[grant.record_id for grant in grants])
    records = {record.pk: record for record in visible}
    return [_held(grant, records.get(grant.record_id), now) for grant in grants]


def _held(grant: Grant, record: Record | None, now: datetime) -> Held:
    spent = left_of(grant) == 0 and (not grant.may_print or left_of(grant, sheets=True) == 0)
    live = grant.revoked_at is None and grant.until > now and not spent
    actions = [name for name, flag in FLAGS.items() if getattr(grant, flag)]
    return Held(grant, record, actions, live, limits_in_words(grant))


def live_held(actor: Actor, now: datetime, most: int) -> list[Held]:
    """The grants that a person may still use, those that end first at the beginning."""
    rows = grants_of(actor).filter(revoked_at=None, until__gt=now).order_by("until", "id")[:most]
    return [one for one in held(list(rows), actor, now) if one.live and one.record]


def given(actor: Actor, now: datetime, wanted: str = "") -> QuerySet[Grant]:
    """Live permissions of everybody to records that this person sees.

    :param wanted: a part of the holder's name or account, or the code of a record
    """
    seen = Record.objects.visible_to(actor)
    rows = Grant.objects.filter(among(seen), revoked_at=None, until__gt=now).select_related("subject")
    if not wanted:
        return rows
    named = seen.filter(Q(code=wanted) | Q(accession_number=wanted))
    holder = Q(subject__display_name__icontains=wanted) | Q(subject__username__icontains=wanted)
    return rows.filter(holder | Q(record_id__in=named.values("pk")))


def steps_for(request: AccessRequest, actor: Actor, rows: list[Row]) -> list[approval.Step]:
    """The steps of a request; an asker who does not see a record is told of decisions alone.

    Who sits at a step says which class a record is of, and that it exists.
    """
    if request.case is None:
        return []
    steps = approval.steps_of(request.case)
    blind = request.asker_id == actor.user_id and any(one.record is None for one in rows)
    return [step for step in steps if step.decisions] if blind else steps


def as_json(request: AccessRequest, actor: Actor, now: datetime, *, full: bool) -> dict[str, Any]:
    """A request for programs; ``full`` with its records, steps, decisions and grants."""
    rows = records_of(request, actor) if full else []
    said: dict[str, Any] = {
        "id": str(request.public_id), "number": request.number, "state": request.state, "purpose": request.purpose,
        "reason": request.reason, "basis": request.basis, "actions": request.actions, "days": request.days,
        **{name: getattr(request, name) for name in LIMITS}, "urgent": request.urgent, "asker": _person(request.asker), "asked_at": request.asked_at,
        "due_at": request.case.due_at if request.case else None,
        "overdue": bool(request.case and approval.is_overdue(request.case, now)),
    }  # fmt: skip
    if not full:
        return said
    steps = steps_for(request, actor, rows)
    return said | {
        "records": [
            {
                "named": one.row.named, "id": str(one.record.public_id) if one.record else None,
                "title": one.record.title if one.record else None, "taken_out": one.row.taken_out,
            }
            for one in rows
        ],
        "step": request.case.step if request.case else None,
        "steps": [
            {
                "number": step.number, "state": step.state, "need": step.need, "signers": step.signers,
                "decisions": [
                    {
                        "by": decision.decided_by.username, "decision": decision.choice, "note": decision.note,
                        "days": decision.days, "decided_at": decision.decided_at, "signature": decision.signature,
                        "key": decision.key_id,
                    }
                    for decision in step.decisions
                ],
            }
            for step in steps
        ],
        "may_decide": bool(request.case and case_waits_for(request.case, actor, now)),
        "grants": [_grant(one.row.grant, one.record, now) for one in rows if one.row.grant],
    }  # fmt: skip


def case_waits_for(case: Case, actor: Actor, now: datetime) -> bool:
    """Whether the present step is the actor's to sign."""
    return approval.waiting_for(actor, now).filter(pk=case.pk).exists()


def _grant(grant: Grant, record: Record | None, now: datetime) -> dict[str, Any]:
    shown = _held(grant, record, now)
    return {
        "id": str(grant.public_id), "record": str(record.public_id) if record else None, "actions": shown.actions,
        "until": grant.until, "live": shown.live,
    }  # fmt: skip


def _person(user: User) -> dict[str, str]:
    return {"username": user.username, "name": user.display_name}
