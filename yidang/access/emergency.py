"""Emergency access 应急调阅: a clinician opens one patient's records now, to look only, for minutes; it is reviewed.

It leans on permissions, the log and the jobs alone, so that it works while signing and searching do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access import row_digests
from yidang.access.models import EmergencyAccess, EmergencyNotice
from yidang.access.owner_notices import open_notices, tell_owners
from yidang.access.uses import note_use
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.people.models import Department, User
from yidang.permissions.actions import begin_care, end_care
from yidang.permissions.reach import CARE, EMERGENCY
from yidang.permissions.records import source

TURN = timedelta(minutes=30)
LONGEST = timedelta(hours=4)
REVIEW_WITHIN = timedelta(hours=24)
REASON_LEAST = 4
REVIEWERS = "YW"  # the key of the medical affairs office
_PROGRAM = Actor.system("access.emergency")


def may_open(actor: Actor) -> bool:
    """Clinicians, signed in themselves or through a client of theirs."""
    return actor.user_id is not None and actor.has_duty("clinician")


def may_review(actor: Actor) -> bool:
    """The head of the medical affairs office."""
    return (
        actor.kind == "person"
        and actor.has_duty("approver")
        and Department.objects.filter(pk=actor.department_id, key=REVIEWERS).exists()
    )


def may_judge_late(actor: Actor) -> bool:
    """Hospital leaders, for what was passed on to them."""
    return actor.kind == "person" and actor.has_duty("leader")


def may_look(actor: Actor) -> bool:
    """Who has anything to do on the page of emergencies; who was told of one, too."""
    return may_open(actor) or may_review(actor) or may_judge_late(actor) or was_told(actor)


def was_told(actor: Actor) -> bool:
    """Whether this person was ever told of an emergency access to records that they answer for."""
    return actor.kind == "person" and EmergencyNotice.objects.filter(user_id=actor.user_id).exists()


def open_in_emergency(named: str, *, reason: str, actor: Actor, now: datetime) -> EmergencyAccess:
    """Open the medical records of one patient to the actor for half an hour; asking twice is one access.

    :param named: the patient's number, or a medical record's id, code or accession number
    :raises NotAllowed: the actor is no clinician
    :raises InvalidInput: no reason was given
    :raises NotFound: no medical record is known by that name
    """
    if not may_open(actor):
        raise NotAllowed(_("Emergency access is for clinicians."), code="not_a_clinician")
    reason = " ".join(reason.split())
    if len(reason) < REASON_LEAST:
        raise InvalidInput(
            _("Say in a few words why the records are needed now."), field="reason", code="reason_missing"
        )
    patient = _patient(named.strip()[:80])
    user = User.objects.get(pk=actor.user_id)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two clicks are one access
        live = EmergencyAccess.objects.filter(user=user, patient_number=patient, ends_at__gt=now).first()
        if live is not None:
            return live
        care = begin_care(patient, clinician=user, begins_at=now, actor=_PROGRAM, now=now, source=EMERGENCY)
        end_care(care, ends_at=now + TURN, actor=_PROGRAM, now=now)
        opened = EmergencyAccess.objects.create(
            user=user, patient_number=patient, care=care, reason=reason[:300], address=actor.address,
            began_at=now, ends_at=now + TURN, review_due_at=now + REVIEW_WITHIN,
        )  # fmt: skip
        audit.write(
            "access.emergency.opened", actor=actor, target_kind="emergency", target=opened.public_id, now=now,
            facts={"until": opened.ends_at.isoformat()}, personal={"patient_number": patient, "reason": opened.reason},
        )  # fmt: skip
        tell_owners(opened, now=now)
        audit.bind(row_digests.EMERGENCY, [opened.public_id], actor=actor, now=now)
        note_use("emergency", actor=actor, now=now, because="emergency")
    return opened


def _patient(named: str) -> str:
    medical = Record.objects.filter(record_class__visibility=CARE).exclude(patient_number="")
    if named and medical.filter(patient_number=named).exists():
        return named
    found = source().find(named) if named else None
    if found is None or not medical.filter(pk=found.pk).exists():
        raise NotFound(
            _("No medical record is known by this number."), field="record",
            remedy=_("Check the patient's number or the record's code."),
        )  # fmt: skip
    return str(found.patient_number)


def renew_emergency(opened: EmergencyAccess, *, actor: Actor, now: datetime) -> datetime:
    """Another half hour from now, four hours in all at most; returns the new end.

    :raises NotFound: it is not the actor's
    :raises WrongState: it has ended, or four hours are reached
    """
    _require_own(opened, actor)
    with transaction.atomic():
        row = EmergencyAccess.objects.select_for_update().select_related("care").get(pk=opened.pk)
        until = min(now + TURN, row.began_at + LONGEST)
        if row.ends_at <= now or until <= row.ends_at or row.verdict == EmergencyAccess.Verdict.MISUSE:
            raise WrongState(
                _("This emergency access cannot be made longer."), code="emergency_over",
                remedy=_("Open a new one with its reason, or ask for a permission."),
            )  # fmt: skip
        end_care(row.care, ends_at=until, actor=_PROGRAM, now=now)
        EmergencyAccess.objects.filter(pk=row.pk).update(ends_at=until, renewals=row.renewals + 1)
        audit.write(
            "access.emergency.renewed", actor=actor, target_kind="emergency", target=row.public_id, now=now,
            facts={"until": until.isoformat()},
        )  # fmt: skip
        audit.bind(row_digests.EMERGENCY, [row.public_id], actor=actor, now=now)
    return until


def end_emergency(opened: EmergencyAccess, *, actor: Actor, now: datetime) -> None:
    """Give it back before its time.

    :raises NotFound: it is not the actor's
    :raises WrongState: it has ended
    """
    _require_own(opened, actor)
    with transaction.atomic():
        if not _close(opened, now):
            raise WrongState(_("This emergency access has ended."), code="emergency_over")
        audit.write("access.emergency.ended", actor=actor, target_kind="emergency", target=opened.public_id, now=now)
        audit.bind(row_digests.EMERGENCY, [opened.public_id], actor=actor, now=now)


def _close(opened: EmergencyAccess, now: datetime) -> bool:
    closed = EmergencyAccess.objects.filter(pk=opened.pk, ends_at__gt=now).update(ends_at=now)
    if closed:
        end_care(opened.care, ends_at=now, actor=_PROGRAM, now=now)
    return bool(closed)


def _require_own(opened: EmergencyAccess, actor: Actor) -> None:
    if actor.user_id is None or opened.user_id != actor.user_id:
        raise NotFound()


def review_emergency(opened: EmergencyAccess, *, verdict: str, note: str, actor: Actor, now: datetime) -> None:
    """Say whether it was justified; misuse ends it at once and needs a sentence.

    :raises NotAllowed: the actor does not review, or would review their own
    :raises InvalidInput: no verdict, or misuse without a word
    :raises WrongState: it was reviewed before
    """
    if not may_review(actor) and not (opened.escalated_at and may_judge_late(actor)):
        raise NotAllowed(_("The medical affairs office reviews emergency access."), code="not_a_reviewer")
    if opened.user_id == actor.user_id:
        raise NotAllowed(_("Nobody reviews their own emergency access."), code="own_emergency")
    if verdict not in EmergencyAccess.Verdict.values:
        raise InvalidInput(_("Say whether it was justified."), field="verdict")
    if verdict == EmergencyAccess.Verdict.MISUSE and not note.strip():
        raise InvalidInput(_("Say in a sentence what was wrong."), field="note")
    with transaction.atomic():
        done = EmergencyAccess.objects.filter(pk=opened.pk, reviewed_at=None).update(
            reviewed_by_id=actor.user_id, reviewed_at=now, verdict=verdict, note=note.strip()[:300]
        )
        if not done:
            raise WrongState(_("Somebody reviewed it before."), code="already_reviewed")
        if verdict == EmergencyAccess.Verdict.MISUSE:
            _close(opened, now)
        audit.write(
            "access.emergency.reviewed", actor=actor, target_kind="emergency", target=opened.public_id, now=now,
            facts={"verdict": verdict}, personal={"note": note.strip()[:300]},
        )  # fmt: skip
        audit.bind(row_digests.EMERGENCY, [opened.public_id], actor=actor, now=now)


def escalate_unreviewed(*, actor: Actor, now: datetime) -> int:
    """Pass what nobody reviewed within a day on to the hospital's leaders; returns how many."""
    with transaction.atomic():
        late = list(
            EmergencyAccess.objects.select_for_update().filter(
                reviewed_at=None, escalated_at=None, review_due_at__lte=now
            )
        )
        for opened in late:
            audit.write(
                "access.emergency.escalated", actor=actor, target_kind="emergency", target=opened.public_id, now=now
            )
        EmergencyAccess.objects.filter(pk__in=[opened.pk for opened in late]).update(escalated_at=now)
        audit.bind(row_digests.EMERGENCY, [opened.public_id for opened in late], actor=actor, now=now)
    return len(late)


def to_review(actor: Actor) -> Sequence[EmergencyAccess]:
    """What waits for this person's judgement, the most urgent first."""
    if not may_review(actor) and not may_judge_late(actor):
        return []
    waiting = EmergencyAccess.objects.filter(reviewed_at=None).exclude(user_id=actor.user_id)
    if not may_review(actor):
        waiting = waiting.exclude(escalated_at=None)
    return list(waiting.select_related("user").order_by("review_due_at", "id")[:100])


def waiting_for(actor: Actor) -> int:
    """How many wait for this person's judgement or, as the records' owner, for their eyes."""
    return len(to_review(actor)) + open_notices(actor, clock.now()).count()


@dataclass(frozen=True)
class Figure:
    """Emergency accesses of one person within the last thirty days."""

    username: str
    name: str
    opened: int
    misuse: int
    unreviewed: int


def figures(now: datetime) -> list[Figure]:
    """Who opened how often in thirty days, and how it was judged; the most frequent first."""
    rows = (
        EmergencyAccess.objects.filter(began_at__gt=now - timedelta(days=30))
        .values("user__username", "user__display_name")
        .annotate(
            opened=Count("id"), misuse=Count("id", filter=Q(verdict="misuse")),
            unreviewed=Count("id", filter=Q(reviewed_at=None)),
        )
        .order_by("-opened", "user__username")[:50]
    )  # fmt: skip
    return [Figure(*row) for row in rows.values_list(
        "user__username", "user__display_name", "opened", "misuse", "unreviewed"
    )]  # fmt: skip
