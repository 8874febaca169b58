"""The register of uses: rows that screens make by themselves, and rows that the counter and the phone make in seconds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access.identity import read_number
from yidang.access.purposes import PURPOSES
from yidang.access.use_models import KEEPERS, Use, UseReader
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState

BY_HAND = (Use.Kind.COUNTER, Use.Kind.PHONE, Use.Kind.REMOTE)
_OF_CLAUSE = {"care": "care", "emergency": "care"}


@dataclass(frozen=True)
class Came:
    """Who came to the counter, called or wrote."""

    name: str = ""
    id_number: str = ""
    unit: str = ""
    contact: str = ""


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
    seconds: int | None = None,
) -> Use:
    """Write down a use at the counter, by phone or from afar; a call that is not answered at once waits.

    :param record: code, accession number or id of the record; empty while it is not known
    :param asked: what is looked for, in words
    :param paper: the paper original leaves its shelf for it
    :raises NotAllowed: the actor keeps no records
    :raises InvalidInput: who, why or what is missing, the number of the card is wrong, or paper leaves without a reason
    """
    if not may_register(actor):
        raise NotAllowed(_("The archive room and the medical records office register uses."), code="not_a_keeper")
    came = Came(came.name.strip()[:60], read_number(came.id_number), came.unit.strip()[:120], came.contact.strip()[:60])
    asked, paper_reason = " ".join(asked.split())[:300], " ".join(paper_reason.split())[:200]
    if kind not in BY_HAND:
        raise InvalidInput(_("Say how they came: counter, phone or from afar."), field="kind")
    if not came.name and not came.id_number:
        raise InvalidInput(_("Say who it is: a name or the number of the card."), field="name")
    if purpose not in PURPOSES:
        raise InvalidInput(_("Choose a purpose."), field="purpose")
    if result not in Use.Result.values:
        raise InvalidInput(_("Say how it ended."), field="result")
    found = _record(record, actor)
    if found is None and not asked:
        raise InvalidInput(_("Name the record, or say what is looked for."), field="record")
    if result == Use.Result.GIVEN and found is None:
        raise InvalidInput(_("Name the record that was given."), field="record")
    _require_reason(found, paper, paper_reason)
    with transaction.atomic():
        use = Use.objects.create(
            kind=kind, at=now, day=localtime(now).date(), visitor=_visitor(came), registered_by_id=actor.user_id,
            department_id=actor.department_id, record=found, purpose=purpose, asked=asked, result=result, paper=paper,
            paper_reason=paper_reason, seconds=seconds, answered_at=None if result == Use.Result.WAITING else now,
        )  # fmt: skip
        UseReader.objects.create(
            use=use, name=came.name, id_number=came.id_number, unit=came.unit, contact=came.contact
        )
        audit.write(
            "access.use.registered", actor=actor, target_kind="record" if found else "use", now=now,
            target=found.public_id if found else use.public_id,
            facts={"use": str(use.public_id), "kind": kind, "purpose": purpose, "result": result, "paper": paper},
            personal={"name": came.name, "id_number": came.id_number, "unit": came.unit, "contact": came.contact},
        )  # fmt: skip
    return use


def answer_use(
    use: Use, *, result: str, answer: str, record: str, actor: Actor, now: datetime, paper: bool = False,
    paper_reason: str = "",
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
    _require_reason(found, paper, paper_reason.strip())
    with transaction.atomic():
        done = Use.objects.filter(pk=use.pk, result=Use.Result.WAITING).update(
            result=result, answer=" ".join(answer.split())[:300], record=found, answered_at=now, paper=paper,
            paper_reason=paper_reason.strip()[:200],
        )  # fmt: skip
        if not done:
            raise WrongState(_("Somebody answered it before."), code="already_answered")
        audit.write(
            "access.use.answered", actor=actor, target_kind="record" if found else "use", now=now,
            target=found.public_id if found else use.public_id,
            facts={"use": str(use.public_id), "result": result, "paper": paper}, personal={"answer": answer[:300]},
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
