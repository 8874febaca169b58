"""Correcting an archived record: proposed with a reason, signed on its route, applied with what stood there before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval import actions as approval
from yidang.approval.models import REFUSED, RETURNED, WITHDRAWN, Case
from yidang.catalogue import policy
from yidang.catalogue.actions.description import EDITABLE, changes, store
from yidang.catalogue.models import Correction, Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState

KIND = "correction"
_FATES = {REFUSED: Correction.State.REFUSED, RETURNED: Correction.State.RETURNED, WITHDRAWN: Correction.State.WITHDRAWN}


def may_propose(actor: Actor, record: Record) -> bool:
    """Who keeps an archived record, and the department that made it; never somebody their own personnel file."""
    if record.state != Record.ARCHIVED or not actor.is_signed_in:
        return False
    if policy.allowed(actor, "describe", record):
        return True
    clause = policy.clause_for(actor, "view", record)
    return clause is not None and actor.department_id is not None and record.department_id == actor.department_id


def propose_correction(
    record: Record, values: Mapping[str, Any], *, reason: str, actor: Actor, now: datetime
) -> Correction:
    """Send a change of an archived record's description on its route; nothing changes before the last signature.

    :param values: as of :func:`yidang.catalogue.actions.describe_record`
    :raises NotAllowed: the actor neither keeps the record nor belongs to the department that made it
    :raises InvalidDescription: values that do not fit
    :raises InvalidInput: no reason, or nothing would change
    :raises WrongState: another correction of it waits
    :raises NoRoute, NobodySigns: nobody could sign it
    """
    record = policy.require(record.public_id, actor=actor)
    if not may_propose(actor, record):
        raise NotAllowed(_("Who keeps an archived record, or made it, proposes corrections of it."))
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise InvalidInput(_("Say what is wrong and how you know it."), field="reason")
    with transaction.atomic():
        locked = Record.objects.select_for_update().get(pk=record.pk)
        after = {name: value for name, value in changes(locked, values).items() if name in EDITABLE}
        if not after:
            raise InvalidInput(_("Nothing would change; correct at least one field."), field="title")
        if Correction.objects.filter(record=locked, state=Correction.State.WAITING).exists():
            raise WrongState(
                _("Another correction of this record waits for its signatures."), code="correction_waits",
                remedy=_("Let it be decided or withdrawn first."),
            )  # fmt: skip
        before = {name: getattr(locked, name) for name in after}
        correction = _numbered(
            record=locked, asker_id=actor.user_id, reason=reason, before=before, after=after, asked_at=now
        )
        facts = {
            "number": correction.number, "record": str(locked.public_id), "reason": reason, "before": before,
            "after": after, "fields": sorted(after), "levels": locked.level, "classes": _branches(record),
            "visibility": record.record_class.visibility,
        }  # fmt: skip
        correction.case = approval.open_case(
            KIND, str(correction.public_id), facts=facts, actor=actor, now=now, label=correction.number
        )
        correction.save(update_fields=["case"])
        audit.write(
            "catalogue.correction.proposed", actor=actor, target_kind="record", target=locked.public_id, now=now,
            facts={"correction": correction.number, "fields": sorted(after)}, personal={"reason": reason},
        )  # fmt: skip
    return correction


def withdraw_correction(correction: Correction, *, actor: Actor, now: datetime) -> None:
    """The one who proposed it takes it back before it is decided.

    :raises NotFound: it is not theirs
    :raises WrongState: it was decided before
    """
    if correction.asker_id != actor.user_id or correction.case is None:
        raise NotFound()
    approval.withdraw(correction.case, actor=actor, now=now)


def apply(case: Case, actor: Actor, now: datetime) -> None:
    """The last signature: the record is changed, kept as a new version of its object, and the log says by whose proposal.

    :raises WrongState: what was to be corrected is not there any more
    """
    correction = Correction.objects.select_related("asker").get(public_id=case.subject)
    locked = Record.objects.select_for_update().get(pk=correction.record_id)
    if any(getattr(locked, name) != value for name, value in correction.before.items()):
        raise WrongState(
            _("The description has changed since this correction was proposed."), code="correction_overtaken",
            remedy=_("Return it, so that it is proposed anew."),
        )  # fmt: skip
    store(
        locked, changes(locked, correction.after), event="catalogue.record.corrected", actor=actor, now=now,
        facts={"correction": correction.number, "proposed_by": correction.asker.username},
    )  # fmt: skip
    Correction.objects.filter(pk=correction.pk).update(state=Correction.State.APPLIED, closed_at=now)


def ended(case: Case) -> None:
    """Refused, returned or withdrawn: nothing changed."""
    Correction.objects.filter(public_id=case.subject).update(state=_FATES[case.state], closed_at=case.closed_at)


def reopened(case: Case, _now: datetime) -> None:
    """A refusal is taken back within minutes; what was applied is in the record's object and is corrected anew instead.

    :raises WrongState: it was applied, or another correction waits by now
    """
    correction = Correction.objects.select_for_update().get(public_id=case.subject)
    others = Correction.objects.filter(record_id=correction.record_id, state=Correction.State.WAITING)
    if correction.state == Correction.State.APPLIED or others.exists():
        raise WrongState(
            _("The correction is made and kept in the record's object; it cannot be taken back."), code="followed",
            remedy=_("Propose another correction that puts it right."),
        )  # fmt: skip
    Correction.objects.filter(pk=correction.pk).update(state=Correction.State.WAITING, closed_at=None)


def _branches(record: Record) -> list[str]:
    parts = record.record_class.code.split("·")
    return ["·".join(parts[: count + 1]) for count in range(len(parts))]


def _numbered(**values: Any) -> Correction:
    """A new row with the year's next number; two at once cannot have the same."""
    year = localtime(values["asked_at"]).year
    while True:
        last = Correction.objects.filter(number__startswith=f"GZ-{year}-").order_by("-id").first()
        number = f"GZ-{year}-{int(last.number.rpartition('-')[2]) + 1 if last else 1:04d}"
        try:
            with transaction.atomic():
                made: Correction = Correction.objects.create(number=number, **values)
                return made
        except IntegrityError:
            if not Correction.objects.filter(number=number).exists():
                raise
