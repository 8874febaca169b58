"""The register of uses: rows that screens make by themselves, and rows that the counter and the phone make in seconds."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access import identity_check, requests, row_digests
from yidang.access.card import read_card
from yidang.access.counter_grants import permission_of, require_holder
from yidang.access.identity import read_number
from yidang.access.purposes import PURPOSES
from yidang.access.request_models import AccessRequest
from yidang.access.use_models import BY_HAND, KEEPERS, Use, UseReader
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.people.actors import actor_of_user
from yidang.people.models import User
from yidang.permissions.actions import use_grant
from yidang.permissions.models import Grant
from yidang.permissions.reach import HOSPITAL

CALL_DAYS, OPEN_LEVEL = 7, 1
_OF_CLAUSE = {"care": "care", "emergency": "care"}


@dataclass(frozen=True)
class Came:
    """Who came to the counter, called or wrote."""

    name: str = ""
    id_number: str = ""
    unit: str = ""
    contact: str = ""
    address: str = ""
    ticket: str = ""  # of the check of name and number, where one was made


def may_register(actor: Actor) -> bool:
    """Who keeps records writes down who used them."""
    return actor.kind == "person" and actor.has_duty(*KEEPERS)


def note_use(kind: str, *, actor: Actor, now: datetime, because: str, record: Record | None = None) -> Use:
    """A use that the program sees itself, inside the caller's transaction; the log has it by the caller's own entry.

    :param because: the clause that allowed it
    """
    return Use.objects.create(
        kind=kind, at=now, day=localtime(now).date(), user_id=actor.user_id, visitor=f"user:{actor.user_id}",
        record=record, purpose=_OF_CLAUSE.get(because, "work"), why=because, answered_at=now,
    )  # fmt: skip


def register_use(
    kind: str,
    *,
    came: Came,
    purpose: str,
    record: str,
    asked: str,
    result: str,
    actor: Actor,
    now: datetime,
    paper: bool = False,
    paper_reason: str = "",
    borrowed: bool = False,
    under: str = "",
    grant: Grant | None = None,
    account: str = "",
    seconds: int | None = None,
) -> Use:
    """Write down a use at the counter, by phone or from afar; a call that is not answered at once waits.

    :param record: code, accession number or id of the record; empty while it is not known
    :param asked: what is looked for, in words
    :param paper: the paper original leaves its shelf for it
    :param borrowed: it leaves the archive room as well: under a signed request, or with whoever keeps it
    :param under: the number of the signed request
    :param account: of a caller from the house: the call becomes a request in their name, and its signatures answer it
    :param grant: the permission that the caller has asked for already, and uses
    :raises NotAllowed: the actor keeps no records
    :raises InvalidInput: who, why or what is missing, the number of the card is wrong, or paper leaves without a reason
    """
    if not may_register(actor):
        raise NotAllowed(_("The archive room and the medical records office register uses."), code="not_a_keeper")
    came = _cleaned(came)
    asked, paper_reason = " ".join(asked.split())[:300], " ".join(paper_reason.split())[:200]
    if kind not in BY_HAND:
        raise InvalidInput(_("Say how they came: counter, phone or from afar."), field="kind")
    if not came.name and not came.id_number and not account.strip():
        raise InvalidInput(_("Say who it is: a name or the number of the card."), field="name")
    if purpose not in PURPOSES:
        raise InvalidInput(_("Choose a purpose."), field="purpose")
    if result not in Use.Result.values:
        raise InvalidInput(_("Say how it ended."), field="result")
    found = _record(record, actor)
    if found is None and not asked:
        raise InvalidInput(_("Name the record, or say what is looked for."), field="record")
    caller = _caller(account, kind, record) if account.strip() else None
    if caller is not None:
        came, result = replace(came, name=came.name or caller.display_name), Use.Result.WAITING
    if result == Use.Result.GIVEN and found is None:
        raise InvalidInput(_("Name the record that was given."), field="record")
    _require_told(kind, found, result)
    _require_reason(found, paper or borrowed, paper_reason)
    if borrowed:
        grant = _lent_under(under, found, came, actor=actor, now=now)
        came = replace(came, name=came.name or grant.subject.display_name) if grant else came
    with transaction.atomic():
        if borrowed and grant is not None:
            use_grant(grant.pk, now=now)
        use = Use.objects.create(
            kind=kind, at=now, day=localtime(now).date(), visitor=f"user:{grant.subject_id}" if grant else _visitor(came), registered_by_id=actor.user_id,
            department_id=actor.department_id, record=found, purpose=purpose, asked=asked, result=result,
            paper=paper or borrowed, borrowed=borrowed, grant=grant, user_id=grant.subject_id if grant else None,
            paper_reason=paper_reason, seconds=seconds, answered_at=None if result == Use.Result.WAITING else now,
        )  # fmt: skip
        UseReader.objects.create(
            use=use,
            name=came.name,
            id_number=came.id_number,
            unit=came.unit,
            contact=came.contact,
            address=came.address,
            checked=identity_check.verdict_of(came.ticket, came.name, came.id_number) if came.ticket else "",
        )
        audit.write(
            "access.use.registered", actor=actor, target_kind="record" if found else "use", now=now,
            target=found.public_id if found else use.public_id,
            facts={"use": str(use.public_id), "kind": kind, "purpose": purpose, "result": result, "paper": paper or borrowed,
                **({"borrowed": True} if borrowed else {}), **({"grant": str(grant.public_id)} if grant else {})},
            personal={"name": came.name, "id_number": came.id_number, "unit": came.unit, "contact": came.contact, "address": came.address},
        )  # fmt: skip
        if caller is not None:
            asked_for = _asked_for(caller, record or asked, purpose, asked, actor, now)
            Use.objects.filter(pk=use.pk, request=None).update(request=asked_for)
            if asked_for.state == "granted":
                requests.answer_calls(asked_for, given=True, now=now)
            use.refresh_from_db()
        audit.bind(row_digests.USE, [use.public_id], actor=actor, now=now)
    return use


def answer_use(
    use: Use, *, result: str, answer: str, record: str, actor: Actor, now: datetime, paper: bool = False,
    paper_reason: str = "", borrowed: bool = False, under: str = "",
) -> None:  # fmt: skip
    """Say how a use that waited ended.

    :raises NotFound: the actor may not read of it
    :raises InvalidInput: no result, or something was given without a record
    :raises WrongState: it was answered before
    """
    if not may_register(actor) or not Use.objects.visible_to(actor).filter(pk=use.pk).exists():
        raise NotFound()
    if result not in Use.Result.values or result == Use.Result.WAITING:
        raise InvalidInput(_("Say how it ended."), field="result")
    found = _record(record, actor) or use.record
    if result == Use.Result.GIVEN and found is None:
        raise InvalidInput(_("Name the record that was given."), field="record")
    if use.request_id is not None:
        raise WrongState(_("This call is answered by the signatures of its request."), code="answered_by_request")
    _require_told(use.kind, found, result)
    _require_reason(found, paper or borrowed, paper_reason.strip())
    reader = getattr(use, "reader", None)
    grant = _lent_under(under, found, Came(reader.name if reader else ""), actor=actor, now=now) if borrowed else None
    with transaction.atomic():
        done = Use.objects.filter(pk=use.pk, result=Use.Result.WAITING).update(
            result=result, answer=" ".join(answer.split())[:300], record=found, answered_at=now,
            paper=paper or borrowed, borrowed=borrowed, grant=grant, paper_reason=paper_reason.strip()[:200],
        )  # fmt: skip
        if not done:
            raise WrongState(_("Somebody answered it before."), code="already_answered")
        if grant is not None:
            use_grant(grant.pk, now=now)
        audit.write(
            "access.use.answered", actor=actor, target_kind="record" if found else "use", now=now,
            target=found.public_id if found else use.public_id,
            facts={"use": str(use.public_id), "result": result, "paper": paper or borrowed, "borrowed": borrowed}, personal={"answer": answer[:300]},
        )  # fmt: skip
        audit.bind(row_digests.USE, [use.public_id], actor=actor, now=now)


def _cleaned(came: Came) -> Came:
    """What was typed, or what a card reader typed in one go into the field of the number."""
    card = read_card(came.id_number)
    name, number = came.name.strip()[:60], card.number if card else read_number(came.id_number)
    return Came(
        name or (card.name[:60] if card else ""), number, came.unit.strip()[:120], came.contact.strip()[:60],
        (came.address.strip() or (card.address if card else ""))[:200], came.ticket,
    )  # fmt: skip


def may_correct(actor: Actor, use: Use) -> bool:
    """Whether who came may be put right: of a use written down by hand, by those who write them."""
    return may_register(actor) and use.kind in BY_HAND and hasattr(use, "reader")


def correct_reader(use: Use, came: Came, *, actor: Actor, now: datetime) -> None:
    """Put right what is known of who came, as it was misheard or misread; the log keeps what stood there before.

    :param came: an empty number of the card leaves the one that is kept
    :raises NotAllowed: the actor writes down no uses, or the program registered this one by itself
    :raises InvalidInput: nobody is named, or the number of the card is wrong
    """
    if not may_correct(actor, use):
        raise NotAllowed(_("The archive room and the medical records office register uses."), code="not_a_keeper")
    came = _cleaned(came)
    if not came.name:
        raise InvalidInput(_("Say who it is: a name or the number of the card."), field="name")
    with transaction.atomic():
        reader = UseReader.objects.select_for_update().get(use=use)
        said = {name: getattr(came, name) for name in ("name", "id_number", "unit", "contact", "address")}
        said["id_number"] = said["id_number"] or reader.id_number
        before = {name: getattr(reader, name) for name, value in said.items() if getattr(reader, name) != value}
        if not before:
            return
        # The authority was asked about the name and number that stood there.
        asked_anew = {"checked": ""} if {"name", "id_number"} & before.keys() else {}
        UseReader.objects.filter(pk=reader.pk).update(**said, **asked_anew)
        if use.user_id is None:
            Use.objects.filter(pk=use.pk).update(visitor=_visitor(Came(**said)))
        audit.write(
            "access.use.reader_corrected", actor=actor, target_kind="use", target=use.public_id, now=now,
            facts={"fields": sorted(before)}, personal={"before": before},
        )  # fmt: skip


def _record(named: str, actor: Actor) -> Record | None:
    """The record by code, accession number or id; one that the actor does not see is answered like one that is not there."""
    named = named.strip()[:120]
    if not named:
        return None
    try:
        wanted = Q(public_id=UUID(named))
    except ValueError:
        wanted = Q(code=named) | Q(accession_number=named)
    found: Record | None = Record.objects.visible_to(actor).filter(wanted).order_by("pk").first()
    if found is None:
        raise InvalidInput(
            _("No record «%(named)s».") % {"named": named}, field="record", code="unknown_record",
            remedy=_("Check the code, or leave it empty and say what is looked for."),
        )  # fmt: skip
    return found


def _caller(account: str, kind: str, record: str) -> User:
    """Who called from the house, by account or staff number.

    :raises InvalidInput: nobody has it, or the record is not named
    """
    named = account.strip()
    found = User.objects.filter(Q(username__iexact=named) | Q(staff_number=named), is_active=True).first()
    if found is None:
        raise InvalidInput(_("There is no account «%(name)s».") % {"name": named}, field="account")
    if kind == Use.Kind.COUNTER or not record.strip():
        raise InvalidInput(_("A call becomes a request for a record: name it."), field="record")
    return found


def _asked_for(
    caller: User, record: str, purpose: str, asked: str, actor: Actor, now: datetime
) -> AccessRequest:  # fmt: skip
    said = requests.Ask([record.strip()], ["view"], purpose, CALL_DAYS, reason=asked or _("By telephone"))
    return requests.ask(said, actor=actor_of_user(caller), entered_by=actor, now=now)


def _require_told(kind: str, record: Record | None, result: str) -> None:
    """The telephone is no way around: only what is open to the whole hospital is told without a request.

    :raises InvalidInput: something else would be told
    """
    far, told = kind in (Use.Kind.PHONE, Use.Kind.REMOTE), result in (Use.Result.GIVEN, Use.Result.PARTLY)
    if not far or not told or record is None:
        return
    if record.record_class.visibility != HOSPITAL or record.level > OPEN_LEVEL:
        raise InvalidInput(
            _("This record is not open to everybody: nothing of it is told from afar without a signed request."),
            field="result", code="told_from_afar",
            remedy=_("Enter the caller's account: the call becomes their request."),
        )  # fmt: skip


def _lent_under(under: str, record: Record | None, came: Came, *, actor: Actor, now: datetime) -> Grant | None:
    """The permission under which an original leaves the room; nothing where its keeper takes it on duty.

    :raises InvalidInput: neither is there
    """
    if record is None:
        raise InvalidInput(_("Name the record that was given."), field="record")
    if under.strip():
        grant = permission_of(under, record, "borrow", now=now)
        require_holder(grant, came.name)
        return grant
    clause = policy.clause_for(actor, "print", record)
    on_duty = clause is not None and clause.reason.startswith("duty.")
    if on_duty and came.name == actor.display_name:
        return None
    raise InvalidInput(
        _("An original leaves the archive room under a signed request only: type its number."), field="under",
        code="borrow_without_request", remedy=_("Whoever needs it asks for «Borrow the paper original» first."),
    )  # fmt: skip


def _require_reason(record: Record | None, paper: bool, reason: str) -> None:
    """Where the page image serves, the original leaves only with a reason."""
    if paper and not reason and record is not None and record.documents.filter(pages__gt=0).exists():
        raise InvalidInput(
            _("Page images of this record serve; say why the paper original must leave."), field="paper_reason",
            code="paper_without_reason",
        )  # fmt: skip


def _visitor(came: Came) -> str:
    """The same person on the same day is one visit; the number itself stays beside the register."""
    told = came.id_number or f"{came.name}|{came.unit}"
    return "id:" + salted_hmac("yidang.access.uses", told).hexdigest()[:32]
