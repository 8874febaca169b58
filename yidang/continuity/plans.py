"""A plan of conversion: all documents of a format, or of one record, one after another, sparing the day's work."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from yidang import audit, jobs
from yidang.catalogue.models import Document, Record, Rendition, among
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, WrongState
from yidang.continuity import policy
from yidang.continuity.converting import ConverterMissing, NothingToConvert, convert_document
from yidang.continuity.models import ConversionPlan, HeldFormat
from yidang.formats import converting
from yidang.people.actors import actor_of_user
from yidang.people.models import User

TASK = "continuity.convert"
CHUNK = 20
# One run of the task; then others have their turn, and the plan goes on behind them.
TURN = timedelta(minutes=10)
# After each document it rests half as long as the work took: at most two thirds of one processor.
REST = 0.5
_KINDS = {
    "application/pdf": "pdf", "application/msword": "office", "application/vnd.ms-excel": "office",
    "application/vnd.ms-powerpoint": "office", "application/rtf": "office", "text/rtf": "office",
}  # fmt: skip
_OFFICE = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/vnd.ms-",
)


class PlanUnderWay(WrongState):
    """One plan at a time for a format."""

    code = "continuity.plan_under_way"
    default_message = _("A conversion of this format is under way.")
    default_remedy = _("Look at its progress, or stop it first.")


def target_for(puid: str, mime: str) -> str:
    """What documents of a format are converted to; empty where there is nothing to convert."""
    kind = _KINDS.get(mime, "image" if mime.startswith("image/") else "office" if mime.startswith(_OFFICE) else "")
    return converting.target_of(puid, mime, kind) if puid else ""


def documents_of(plan: ConversionPlan, actor: Actor) -> "QuerySet[Document]":
    """The documents that a plan is about, as far as the actor may change what is kept of them; in their order."""
    reached = Record.objects.visible_to(actor, "describe")
    if plan.permanent_only:
        reached = reached.filter(retention="Y")
    chosen = Document.objects.filter(among(reached))
    chosen = chosen.filter(record=plan.record) if plan.record_id else chosen.filter(format=plan.puid)
    tried = Rendition.objects.filter(target=plan.target)
    # What failed for a passing reason is tried again; what was refused only when somebody asks for it.
    settled = [Rendition.KEPT] if plan.again else [Rendition.KEPT, Rendition.REFUSED]
    return chosen.exclude(pk__in=tried.filter(outcome__in=settled).values("document")).order_by("pk")


def preview(held: HeldFormat, *, actor: Actor) -> dict[str, Any]:
    """How many documents a plan would convert, and what became of those that were tried before."""
    target = target_for(held.puid, held.mime)
    every = documents_of(ConversionPlan(puid=held.puid, target=target), actor)
    kept_for_ever = documents_of(ConversionPlan(puid=held.puid, target=target, permanent_only=True), actor)
    tried = Rendition.objects.filter(document__format=held.puid, target=target)
    return {
        "target": target, "documents": every.count(), "permanent": kept_for_ever.count(),
        "bytes": sum(every.values_list("size", flat=True)[:200_000]),
        "kept": tried.filter(outcome=Rendition.KEPT).count(),
        "refused": tried.filter(outcome=Rendition.REFUSED).values("document").distinct().count(),
    }  # fmt: skip


@transaction.atomic
def ask_conversion(
    *,
    actor: Actor,
    now: datetime,
    held: HeldFormat | None = None,
    record: Record | None = None,
    permanent_only: bool = False,
    again: bool = False,
    most: int | None = None,
) -> list[ConversionPlan]:
    """Have the documents of a format, or of one record, converted beside their originals.

    :param again: those that were refused before, too
    :param most: no more documents than this
    :raises NotAllowed: the actor judges no formats
    :raises NothingToConvert: none of them is to be converted
    :raises PlanUnderWay: a plan of this format goes on
    """
    if not policy.judges_formats(actor):
        raise NotAllowed(_("Only an archivist has documents converted."))
    wanted = (
        {(held.puid, target_for(held.puid, held.mime))} if held is not None
        else {("", target_for(one.format, one.mime)) for one in (record.documents.all() if record else [])}
    )  # fmt: skip
    made = []
    for puid, target in sorted(wanted):
        plan = ConversionPlan(
            puid=puid, record=record, target=target, permanent_only=permanent_only, again=again, most=most,
            asked_by_id=actor.user_id, asked_at=now,
        )  # fmt: skip
        plan.total = min(documents_of(plan, actor).count(), most or 1 << 60) if target else 0
        if not plan.total:
            continue
        going = ConversionPlan.objects.filter(puid=puid, record=record, target=target, finished_at=None)
        if going.filter(stopped_at=None).exists():
            raise PlanUnderWay()
        plan.save()
        _go_on(plan, actor)
        audit.write(
            "continuity.conversion.asked", actor=actor, target_kind="format" if puid else "record",
            target=puid or str(record.public_id if record else ""), now=now,
            facts={"plan": plan.pk, "documents": plan.total, "target": target, "permanent_only": permanent_only},
        )  # fmt: skip
        made.append(plan)
    if not made:
        raise NothingToConvert()
    return made


def _go_on(plan: ConversionPlan, actor: Actor | None = None) -> None:
    jobs.later(TASK, key=str(plan.pk), actor=actor, plan_id=plan.pk)


@transaction.atomic
def stop(plan: ConversionPlan, *, actor: Actor, now: datetime) -> None:
    """Stop a plan after the document that is under way.

    :raises NotAllowed: the actor judges no formats
    :raises WrongState: it has ended
    """
    _turn(plan, actor, now, {"stopped_at": None}, {"stopped_at": now}, "stopped")


@transaction.atomic
def resume(plan: ConversionPlan, *, actor: Actor, now: datetime) -> None:
    """Let a stopped plan go on where it stopped, in the name of who says so.

    :raises NotAllowed: the actor judges no formats
    :raises WrongState: it has not stopped
    """
    values = {"stopped_at": None, "trouble": "", "asked_by_id": actor.user_id}
    _turn(plan, actor, now, {"stopped_at__isnull": False}, values, "resumed")
    _go_on(plan, actor)


def _turn(
    plan: ConversionPlan, actor: Actor, now: datetime, when: dict[str, Any], values: dict[str, Any], word: str
) -> None:
    if not policy.judges_formats(actor):
        raise NotAllowed(_("Only an archivist has documents converted."))
    if ConversionPlan.objects.filter(pk=plan.pk, finished_at=None, **when).update(**values) != 1:
        raise WrongState(
            _("This conversion is not in a state in which that can be done."), code="continuity.plan_state"
        )
    audit.write(f"continuity.conversion.{word}", actor=actor, target_kind="conversion", target=plan.pk, now=now)


def carry_on(
    plan: ConversionPlan,
    *,
    tell: Callable[[ConversionPlan], None] = lambda plan: None,
    rest: Callable[[float], None] = time.sleep,
) -> bool:
    """Convert documents until the plan is done, was stopped, or its turn is over; whether something is left.

    Killed anywhere, it goes on with the document that was under way: what is kept is not made twice.
    """
    if plan.stopped_at or plan.finished_at:
        return False
    asker = User.objects.get(pk=plan.asked_by_id)
    actor, ends = actor_of_user(asker), clock.now() + TURN
    if not asker.is_active or not policy.judges_formats(actor):
        _halt(plan, "right")
        return False
    while True:
        wanted = min(CHUNK, plan.most - plan.done) if plan.most else CHUNK
        waiting = documents_of(plan, actor).filter(pk__gt=plan.cursor).select_related("record")[:wanted]
        found = list(waiting) if wanted > 0 else []
        if not found:
            ConversionPlan.objects.filter(pk=plan.pk).update(finished_at=clock.now(), total=plan.done)
            return False
        for document in found:
            began = time.monotonic()
            try:
                outcome = _one(document, plan, actor)
            except ConverterMissing:
                _halt(plan, "converter")
                return False
            ConversionPlan.objects.filter(pk=plan.pk).update(cursor=document.pk, **{outcome: F(outcome) + 1})
            plan.refresh_from_db()
            tell(plan)
            plan.refresh_from_db(fields=["stopped_at"])
            if plan.stopped_at:
                return False
            if clock.now() >= ends:
                return True
            rest((time.monotonic() - began) * REST)


def _one(document: Document, plan: ConversionPlan, actor: Actor) -> str:
    if plan.record_id and target_for(document.format, document.mime) != plan.target:
        return "passed"
    try:
        made = convert_document(document, plan.target, actor=actor, now=clock.now())
        if made.outcome == Rendition.FAILED and made.facts.get("reason") in {"took_too_long", "reader_crashed"}:
            made = convert_document(document, plan.target, actor=actor, now=clock.now())
    except WrongState:
        return "passed"  # somebody else converted it meanwhile
    return made.outcome


def _halt(plan: ConversionPlan, trouble: str) -> None:
    ConversionPlan.objects.filter(pk=plan.pk).update(stopped_at=clock.now(), trouble=trouble)
