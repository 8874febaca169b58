"""Grants and care relationships: issued, used, ended; each takes effect at the next call."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.people.models import Department, User
from yidang.permissions import row_digests
from yidang.permissions.limits import read_address, read_pages
from yidang.permissions.models import CareRelationship, Grant

FLAGS = {
    "view": "may_view",
    "print": "may_print",
    "copy": "may_copy",
    "borrow": "may_borrow",
    "certify": "may_certify",
}
# What is done on a screen opens the pages as well; borrowing and certifying do not.
_ON_SCREEN = {"view", "print", "copy"}


def may_issue(actor: Actor) -> bool:
    """Whether the actor may open records to others: archivists, and the program after the last signature."""
    return actor.kind == "system" or (actor.kind == "person" and actor.has_duty("archivist"))


def issue_grant(
    subject: User,
    record_id: int,
    *,
    record: str,
    actions: set[str],
    until: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
    times: int | None = None,
    sheets: int | None = None,
    pages: str = "",
    address: str = "",
) -> Grant:
    """Open one record to one person until a moment; that the actor may do so with this record is the caller's to ask.

    :param record_id: the record's internal number
    :param record: the record's public id, for the log
    :param actions: of :data:`FLAGS`
    :param times: how often it is looked at, taken as a file, borrowed or certified
    :param sheets: how many sheets are printed under it: pages times copies
    :param pages: such as ``1-3,5``; a copy is then a file of those pages, and the original does not leave
    :param address: addresses or networks of the terminals at which it holds
    :raises NotAllowed: the actor does not issue grants, or would issue one to themselves
    :raises InvalidInput: no or unknown actions, or it would end before it begins
    """
    if not may_issue(actor):
        raise NotAllowed(_("Only the archive room opens records to others."))
    if actor.user_id == subject.pk:
        raise NotAllowed(_("Nobody opens a record to themselves."), code="own_grant")
    if not actions or not actions <= FLAGS.keys():
        raise InvalidInput(_("Choose what is allowed: view, print, copy, borrow, certify."), field="actions")
    if until <= now:
        raise InvalidInput(_("The permission would end before it begins."), field="until")
    if times is not None and times < 1:
        raise InvalidInput(_("The number of times is at least 1."), field="times")
    if sheets is not None and sheets < 1:
        raise InvalidInput(_("The number of sheets is at least 1."), field="sheets")
    pages, address = read_pages(pages), read_address(address)
    with transaction.atomic():
        grant = Grant.objects.create(
            sheets=sheets, pages=pages, address=address, subject=subject, record_id=record_id, may_view=bool(actions & _ON_SCREEN), may_print="print" in actions,
            may_copy="copy" in actions, may_borrow="borrow" in actions, may_certify="certify" in actions, until=until, times=times, reason=reason[:200], issued_by=actor.username,
        )  # fmt: skip
        audit.write(
            "permissions.grant.issued", actor=actor, target_kind="record", target=record, now=now,
            facts={
                "grant": str(grant.public_id), "subject": subject.username, "actions": sorted(actions),
                "until": until.isoformat(), "times": times,
                **{key: value for key, value in (("sheets", sheets), ("pages", pages), ("address", address)) if value},
            },
        )  # fmt: skip
        _bind(str(grant.public_id), actor, now)
    return grant


def _bind(key: str, actor: Actor, now: datetime) -> None:
    """Tell the log what the grant is now; the entry about the record says what was done."""
    audit.write(
        "permissions.grant.bound", actor=actor, target_kind=row_digests.GRANT, target=key, now=now,
        row=row_digests.digest_of_grant(key),
    )  # fmt: skip


def revoke_grant(grant: Grant, *, actor: Actor, now: datetime, record: str = "", why: str = "") -> None:
    """End a grant; its next use is refused. Its holder may give it back.

    :param why: for the log, which keeps it among the personal facts
    :raises NotFound: the grant is not the actor's, and the actor issues none
    :raises WrongState: it was revoked before
    """
    if not may_issue(actor) and actor.user_id != grant.subject_id:
        raise NotFound()
    with transaction.atomic():
        if not Grant.objects.filter(pk=grant.pk, revoked_at=None).update(revoked_at=now):
            raise WrongState(_("The permission was revoked before."), code="grant_revoked")
        audit.write(
            "permissions.grant.revoked", actor=actor, target_kind="record" if record else "grant",
            target=record or grant.public_id, now=now, facts={"grant": str(grant.public_id)},
            personal={"why": why} if why else {},
        )  # fmt: skip
        _bind(str(grant.public_id), actor, now)


def use_grant(grant_id: int, *, now: datetime, sheets: int = 0) -> None:
    """Count one use, inside the caller's transaction; two uses at once cannot both take the last one.

    :param sheets: of a print: its pages times its copies are taken, from the sheets of the grant where it limits them,
        else from its times
    :raises NotAllowed: it has ended, was revoked, or has not so many left
    """
    amount = max(sheets, 1)
    with transaction.atomic():
        standing = Grant.objects.select_for_update().filter(pk=grant_id, revoked_at=None, until__gt=now)
        if sheets and standing.exclude(sheets=None).exists():
            used = standing.filter(sheets_used__lte=F("sheets") - sheets).update(sheets_used=F("sheets_used") + sheets)
        else:
            enough = Q(times=None) | Q(used__lte=F("times") - amount)
            used = standing.filter(enough).update(
                used=F("used") + amount, sheets_used=F("sheets_used") + sheets
            )  # fmt: skip
        left = left_of(standing[0], sheets=True) if not used and sheets and standing else 0
        if used:
            row = Grant.objects.select_related("subject").get(pk=grant_id)
            # The holder is who uses it; the entry of the use itself says from where.
            _bind(str(row.public_id), Actor("person", row.subject.username, user_id=row.subject_id), now)
    if not used:
        if left:
            raise NotAllowed(
                _("This print needs %(sheets)d sheets; the permission has %(left)d left.")
                % {"sheets": sheets, "left": left},
                code="too_many_sheets", remedy=_("Print fewer pages or copies, or ask for more from the record's page."),
            )  # fmt: skip
        raise NotAllowed(
            _("This permission has ended."), code="grant_ended", remedy=_("Ask for a new one from the record's page.")
        )


def take_look(grant: Grant, *, now: datetime) -> None:
    """One look under a grant, inside the caller's transaction: counted where it counts, and never one that was revoked.

    :raises NotAllowed: it has ended, was revoked meanwhile, or is used up
    """
    if grant.times is not None:
        use_grant(grant.pk, now=now)
    elif not Grant.objects.select_for_update().filter(pk=grant.pk, revoked_at=None, until__gt=now).exists():
        raise NotAllowed(_("This permission has ended."), code="grant_ended")


def left_of(grant: Grant, *, sheets: bool = False) -> int | None:
    """How many uses, or of a print how many sheets, a grant has left; nothing where it does not count them."""
    if sheets and grant.sheets is not None:
        return max(grant.sheets - grant.sheets_used, 0)
    return None if grant.times is None else max(grant.times - grant.used, 0)


def begin_care(
    patient_number: str,
    *,
    begins_at: datetime,
    actor: Actor,
    now: datetime,
    clinician: User | None = None,
    team: Department | None = None,
    source: str = "",
) -> CareRelationship:
    """A clinician, or a department as a team, begins to treat a patient, as the hospital's system says.

    :raises NotAllowed: only the program, a connector or the medical records clerk says so
    :raises InvalidInput: no patient, or nobody who treats
    """
    _require_care(actor)
    if not patient_number.strip():
        raise InvalidInput(_("The patient's number is missing."), field="patient_number")
    if clinician is None and team is None:
        raise InvalidInput(_("Say who treats the patient."), field="clinician")
    with transaction.atomic():
        care = CareRelationship.objects.create(
            patient_number=patient_number.strip(),
            clinician=clinician,
            team=team,
            begins_at=begins_at,
            source=source[:60],
        )
        audit.write(
            "permissions.care.begun", actor=actor, target_kind="care", target=care.pk, now=now,
            facts={
                "clinician": clinician.username if clinician else "", "team": team.key if team else "", "source": source
            },
            personal={"patient_number": care.patient_number}, row=row_digests.digest_of_care(care.pk),
        )  # fmt: skip
    return care


def end_care(care: CareRelationship, *, ends_at: datetime, actor: Actor, now: datetime) -> None:
    """Treatment has ended, or will at a moment.

    :raises NotAllowed: only the program, a connector or the medical records clerk says so
    :raises InvalidInput: it would end before it began
    """
    _require_care(actor)
    if ends_at < care.begins_at:
        raise InvalidInput(_("Treatment would end before it began."), field="ends_at")
    with transaction.atomic():
        CareRelationship.objects.filter(pk=care.pk).update(ends_at=ends_at)
        audit.write(
            "permissions.care.ended", actor=actor, target_kind="care", target=care.pk, now=now,
            facts={"ends_at": ends_at.isoformat()}, row=row_digests.digest_of_care(care.pk),
        )  # fmt: skip


def _require_care(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has_duty("records_clerk"):
        raise NotAllowed(_("Who treats whom comes from the hospital's system."))
