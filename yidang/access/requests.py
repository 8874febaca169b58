"""Asking for records: allowed at once where the rules say so, else on the route; withdrawn, supplemented, asked again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access import row_digests
from yidang.access.purposes import BASES, BASIS_OF_PURPOSE, PURPOSES
from yidang.access.request_models import AccessRequest, RequestedRecord
from yidang.access.use_models import Use
from yidang.approval import actions as approval
from yidang.catalogue import policy
from yidang.catalogue.models import Document, Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.permissions.actions import FLAGS, issue_grant
from yidang.permissions.freezing import is_frozen_for
from yidang.permissions.limits import read_address, read_pages
from yidang.permissions.reach import CARE, ENTRY_ONLY, HOSPITAL

KIND = "access"
LIMITS = ("pages", "times", "sheets", "address")
RECORDS_MOST, DAYS_MOST, WAITING_MOST = 100, 365, 50
# What the rules allow without a signature: looking at and printing what is open to the whole hospital anyway.
FREE_ACTIONS, FREE_LEVEL, FREE_DAYS, FREE_RECORDS = {"view", "print"}, 1, 30, 20
PRIVATE = {CARE, ENTRY_ONLY}


@dataclass(frozen=True)
class Ask:
    """What is asked for, as the form or a program says it.

    :param records: public ids or codes
    :param purpose: a key of the vocabulary, or words, which then are the reason
    """

    records: Sequence[str]
    actions: Sequence[str]
    purpose: str
    days: int
    reason: str = ""
    basis: str = ""
    basis_detail: str = ""
    urgent: bool = False
    pages: str = ""
    times: int | None = None
    sheets: int | None = None
    address: str = ""
    strict: bool = False  # a person at the form is made to name the legal basis


def may_ask(actor: Actor) -> bool:
    """People who read, and programs with the scope of requests for them."""
    administrator = actor.is_administrator
    return actor.is_signed_in and actor.user_id is not None and actor.may_use("requests") and not administrator


def ask(asked: Ask, *, actor: Actor, now: datetime, entered_by: Actor | None = None) -> AccessRequest:
    """Ask for records; what the rules allow is granted at once, everything else goes on its route.

    A name under which the actor sees no record is taken all the same and answered alike whether there is one.

    :param actor: who asks; whose permission it will be
    :param entered_by: who took their call and wrote it down
    :raises NotAllowed: the actor reads no records, or already waits for too much
    :raises InvalidInput: records, actions, days, purpose or legal basis are missing or impossible
    :raises NoRoute: no route fits
    :raises NobodySigns: a step of the route has no signer besides the asker
    """
    _require_asker(actor)
    cleaned, found = _cleaned(asked, actor)
    with transaction.atomic():
        request = _numbered(actor, cleaned | {"entered_by_id": entered_by.user_id if entered_by else None}, now)
        _fill(request, found)
        audit.write(
            "access.request.asked", actor=entered_by or actor, target_kind="request", target=request.public_id, now=now,
            facts={
                "number": request.number, "actions": request.actions, "days": request.days, "purpose": request.purpose,
                **({"asker": actor.username} if entered_by else {}), "basis": request.basis, "records": [str(record.public_id) if record else "" for _name, record in found],
            },
            personal={"reason": request.reason, "basis_detail": request.basis_detail},
        )  # fmt: skip
        _send(request, found, actor=actor, now=now)
    return request


def supplement(request: AccessRequest, asked: Ask, *, actor: Actor, now: datetime) -> None:
    """Answer what a signer returned: say more, or ask for less; it goes on its route from the beginning.

    :raises NotFound: it is not the actor's
    :raises WrongState: it was not returned
    :raises InvalidInput: as :func:`ask`
    """
    if request.asker_id != actor.user_id:
        raise NotFound()
    _require_asker(actor)
    cleaned, found = _cleaned(asked, actor)
    with transaction.atomic():
        held = AccessRequest.objects.select_for_update().get(pk=request.pk)
        if held.state != AccessRequest.State.RETURNED:
            raise WrongState(_("Only a returned request can be supplemented."), code="not_returned")
        for name, value in cleaned.items():
            setattr(held, name, value)
        held.state, held.closed_at = AccessRequest.State.WAITING, None
        held.records.all().delete()
        _fill(held, found)
        _send(held, found, actor=actor, now=now)


def withdraw(request: AccessRequest, *, actor: Actor, now: datetime) -> None:
    """The asker does not need it any more.

    :raises NotFound: it is not theirs
    :raises WrongState: it was decided before
    """
    if request.asker_id != actor.user_id:
        raise NotFound()
    with transaction.atomic():
        if request.case is not None and request.case.state == "waiting":
            approval.withdraw(request.case, actor=actor, now=now)
        elif not AccessRequest.objects.filter(pk=request.pk, state="returned").update(state="withdrawn", closed_at=now):
            raise WrongState(_("This was decided before."), code="already_decided")
        audit.write(
            "access.request.withdrawn", actor=actor, target_kind="request", target=request.public_id, now=now,
            facts={"number": request.number},
        )  # fmt: skip


def issue(
    request: AccessRequest, *, now: datetime, days: int, actions: set[str], without: set[int],
    limits: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Open what was allowed, inside the caller's transaction; how many records were opened.

    :param without: positions that a signer took out
    :param limits: what signers narrowed besides: ``pages``, ``times``, ``sheets``, ``address``
    """
    narrowed = {name: getattr(request, name) for name in LIMITS} | dict(limits or {})
    until = now + timedelta(days=days)
    opened = 0
    for row in request.records.select_related("record"):
        if row.record is None or row.position in without or not givable(row.record, request.asker_id):
            row.taken_out = True
        else:
            row.grant = issue_grant(
                request.asker, row.record.pk, record=str(row.record.public_id), actions=actions, until=until,
                reason=f"{request.number} {request.reason}"[:200], actor=Actor.system("access"), now=now,
                **narrowed,
            )  # fmt: skip
            opened += 1
        row.save(update_fields=["taken_out", "grant"])
    request.state, request.closed_at = AccessRequest.State.GRANTED, now
    request.save(update_fields=["state", "closed_at"])
    answer_calls(request, given=True, now=now)
    audit.write(
        "access.request.granted", actor=Actor.system("access"), target_kind="request", target=request.public_id,
        now=now, facts={"number": request.number, "records": opened, "days": days, "actions": sorted(actions)},
    )  # fmt: skip
    return opened


def answer_calls(request: AccessRequest, *, given: bool, now: datetime) -> None:
    """The call that became this request is answered with it, in the register of uses."""
    result = Use.Result.GIVEN if given else Use.Result.REFUSED
    waiting = Use.objects.filter(request=request, result=Use.Result.WAITING)
    _change_calls(waiting, result=result, answer=request.number, answered_at=now, now=now)


def ask_calls_again(request: AccessRequest, *, now: datetime) -> None:
    """The signature that answered a call was taken back: the call waits again."""
    answered = Use.objects.filter(request=request, answer=request.number)
    _change_calls(answered, result=Use.Result.WAITING, answer="", answered_at=None, now=now)


def _change_calls(uses: QuerySet[Use], *, now: datetime, **values: Any) -> None:
    calls = list(uses.values_list("public_id", flat=True))
    Use.objects.filter(public_id__in=calls).update(**values)
    audit.bind(row_digests.USE, calls, actor=Actor.system("access"), now=now)


def givable(record: Record, asker_id: int) -> bool:
    """Whether a permission would open it at all: not one's own personnel file, nothing withdrawn or frozen."""
    return record.owner_id != asker_id and record.state != Record.WITHDRAWN and not is_frozen_for(asker_id, record)


def facts_of(request: AccessRequest, found: Sequence[tuple[str, Record | None]]) -> dict[str, Any]:
    """What routes ask of a request; it stands in every signed text."""
    there = [record for _name, record in found if record is not None]
    return {
        "number": request.number, "purpose": request.purpose, "reason": request.reason, "basis": request.basis,
        "basis_detail": request.basis_detail, "actions": request.actions, "days": request.days,
        **{name: value for name in LIMITS if (value := getattr(request, name))},
        "urgent": request.urgent, "records": [str(record.public_id) if record else "" for _name, record in found],
        "named": [name for name, _record in found], "amount": len(found), "pages_in_all": _pages_in_all(there),
        "classes": sorted({part for record in there for part in _branches(record.record_class.code)}),
        "visibility": sorted({record.record_class.visibility for record in there}),
        "levels": max((record.level for record in there), default=0),
        "department": request.asker.department.key if request.asker.department else "",
    }  # fmt: skip


def _pages_in_all(there: Sequence[Record]) -> int:
    """How many pages the records have together, as far as they are counted."""
    ids = [record.pk for record in there]
    return Document.objects.filter(record_id__in=ids).aggregate(sum=Sum("pages"))["sum"] or 0


def _branches(code: str) -> list[str]:
    parts = code.split("·")
    return ["·".join(parts[: count + 1]) for count in range(len(parts))]


def _require_asker(actor: Actor) -> None:
    if not may_ask(actor):
        raise NotAllowed(_("Administrators read no records and ask for none."), code="may_not_ask")


def _cleaned(asked: Ask, actor: Actor) -> tuple[dict[str, Any], list[tuple[str, Record | None]]]:
    actions = sorted(set(asked.actions), key=[*FLAGS].index) if set(asked.actions) <= FLAGS.keys() else []
    if not actions:
        raise InvalidInput(_("Choose what you want to do: view, print, copy, borrow, certify."), field="actions")
    if not 1 <= asked.days <= DAYS_MOST:
        raise InvalidInput(_("Ask for 1 to %(most)d days.") % {"most": DAYS_MOST}, field="days")
    purpose, reason = asked.purpose.strip(), " ".join(asked.reason.split())
    if purpose not in PURPOSES:
        purpose, reason = "other", " ".join(f"{purpose} {reason}".split())
    if purpose == "other" and not reason:
        raise InvalidInput(_("Say what you need it for."), field="purpose")
    names = list(dict.fromkeys(name.strip()[:150] for name in asked.records if name.strip()))
    if not names or len(names) > RECORDS_MOST:
        raise InvalidInput(_("Name 1 to %(most)d records.") % {"most": RECORDS_MOST}, field="records")
    if asked.basis and asked.basis not in BASES:
        raise InvalidInput(_("Choose the legal basis from the list."), field="basis")
    found = [(name, find(name)) for name in names]
    basis = asked.basis or BASIS_OF_PURPOSE.get(purpose, "")
    if asked.strict and not asked.basis and _is_about_others(found, actor):
        raise InvalidInput(
            _("This is about somebody else's privacy: name the legal basis or the consent."), field="basis",
            code="basis_needed",
        )  # fmt: skip
    said = {
        "purpose": purpose, "reason": reason[:1000], "basis": basis, "basis_detail": " ".join(asked.basis_detail.split())[:300],
        "actions": actions, "days": asked.days, "urgent": asked.urgent, **_limits(asked, len(names)),
    }  # fmt: skip
    return said, found


def _limits(asked: Ask, amount: int) -> dict[str, Any]:
    """What narrows the permission besides its days, checked before anybody signs it."""
    pages = read_pages(asked.pages)
    if pages and amount > 1:
        raise InvalidInput(_("Pages are named for one record; ask for the others by themselves."), field="pages")
    for name in ("times", "sheets"):
        count = getattr(asked, name)
        if count is not None and not 1 <= count <= 10_000:
            raise InvalidInput(_("Write a whole number."), field=name)
    return {"pages": pages, "times": asked.times, "sheets": asked.sheets, "address": read_address(asked.address)}


def find(name: str) -> Record | None:
    """The record of this public id, code or accession number, whoever asks."""
    try:
        wanted = Q(public_id=UUID(name))
    except ValueError:
        wanted = Q(code=name) | Q(accession_number=name)
    rows = Record.objects.filter(wanted).exclude(state=Record.WITHDRAWN)
    return rows.select_related("record_class", "department").order_by("pk").first()


def _is_about_others(found: Sequence[tuple[str, Record | None]], actor: Actor) -> bool:
    """Whether the form must ask for the legal basis; of what the asker does not see, always: the question tells nothing."""
    return any(
        record is None or record.record_class.visibility in PRIVATE or policy.clause_for(actor, "see", record) is None
        for _name, record in found
    )


def _numbered(actor: Actor, said: dict[str, Any], now: datetime) -> AccessRequest:
    """A new row with the year's next number; two at once cannot have the same."""
    if AccessRequest.objects.filter(asker_id=actor.user_id, state="waiting").count() >= WAITING_MOST:
        raise NotAllowed(
            _("You already wait for %(most)d requests.") % {"most": WAITING_MOST}, code="too_many_waiting",
            remedy=_("Withdraw those that you no longer need."),
        )  # fmt: skip
    year = localtime(now).year
    for _try in range(5):
        last = AccessRequest.objects.filter(number__startswith=f"LY-{year}-").order_by("-id").first()
        place = int(last.number.rpartition("-")[2]) + 1 if last else 1
        try:
            with transaction.atomic():
                made: AccessRequest = AccessRequest.objects.create(
                    number=f"LY-{year}-{place:04d}", asker_id=actor.user_id, asked_at=now, **said
                )
                return made
        except IntegrityError:
            continue
    raise WrongState(_("Many ask at this moment; send it again."), code="busy")


def _fill(request: AccessRequest, found: Sequence[tuple[str, Record | None]]) -> None:
    RequestedRecord.objects.bulk_create(
        RequestedRecord(request=request, position=place, named=name, record=record)
        for place, (name, record) in enumerate(found, 1)
    )


def _send(request: AccessRequest, found: Sequence[tuple[str, Record | None]], *, actor: Actor, now: datetime) -> None:
    if _open_anyway(request, found, actor):
        request.state, request.closed_at = AccessRequest.State.GRANTED, now
        request.save()
        answer_calls(request, given=True, now=now)
        return
    if _allowed_at_once(request, found, actor):
        request.save()
        issue(request, now=now, days=request.days, actions=set(request.actions), without=set())
        return
    request.case = approval.open_case(
        KIND, str(request.public_id), facts=facts_of(request, found), actor=actor, now=now, label=request.number,
        urgent=request.urgent,
    )  # fmt: skip
    request.save()


def _open_anyway(request: AccessRequest, found: Sequence[tuple[str, Record | None]], actor: Actor) -> bool:
    """Whether duty, department or treatment open it for these actions already, so that no permission is needed."""
    wanted = request.actions
    if not set(wanted) <= {"view", "print", "copy"}:
        return False
    for _name, record in found:
        clauses = [policy.clause_for(actor, action, record) if record else None for action in wanted]
        if any(clause is None or clause.reason in {"class.hospital", "grant", "emergency"} for clause in clauses):
            return False
    return True


def _allowed_at_once(request: AccessRequest, found: Sequence[tuple[str, Record | None]], actor: Actor) -> bool:
    if not set(request.actions) <= FREE_ACTIONS or request.days > FREE_DAYS or len(found) > FREE_RECORDS:
        return False
    return all(
        record is not None
        and record.record_class.visibility == HOSPITAL
        and record.level <= FREE_LEVEL
        and (clause := policy.clause_for(actor, "view", record)) is not None
        and clause.reason != "grant"
        for _name, record in found
    )
