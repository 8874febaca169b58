"""Telling the records' owners of an emergency access: the treating clinician and the departments that made the records.

The notice is a row of the transaction that opens, so that it stands on the owner's desk at once; the hospital's
to-do list, where there is one, is told by a job.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from yidang import audit, jobs
from yidang.access.models import EmergencyAccess, EmergencyNotice
from yidang.catalogue.models import Record
from yidang.common import todo_list
from yidang.common.actor import Actor
from yidang.common.errors import NotFound
from yidang.people.models import User
from yidang.permissions.models import CareRelationship
from yidang.permissions.reach import CARE, EMERGENCY

# Who speaks for a department: its head, else its filing clerk, else any clinician of it.
_SPEAK = ("approver", "department_clerk", "clinician")
_FOR_NOBODY = "records_clerk"  # of records without a department or with one where nobody works any more
KEPT = timedelta(days=30)  # an unread notice stands on the desk so long
MOST = 50
_PROGRAM = Actor.system("access.emergency")


def owners(opened: EmergencyAccess, now: datetime) -> list[User]:
    """Who is told: clinicians that treat the patient, and who speaks for the departments that made the records."""
    care = CareRelationship.objects.filter(patient_number=opened.patient_number, begins_at__lte=now).exclude(
        source=EMERGENCY
    )
    live = care.filter(Q(ends_at=None) | Q(ends_at__gt=now))
    told = set(live.exclude(clinician=None).values_list("clinician_id", flat=True))
    places = set(live.exclude(team=None).values_list("team_id", flat=True))
    made = Record.objects.filter(record_class__visibility=CARE, patient_number=opened.patient_number)
    places |= set(made.exclude(department=None).order_by().values_list("department_id", flat=True).distinct())
    people = User.objects.filter(is_active=True)
    for place in places:
        told |= _speakers(people.filter(department_id=place))
    if not told:
        told = set(people.filter(duties__role=_FOR_NOBODY).values_list("pk", flat=True))
    return list(people.filter(pk__in=told).exclude(pk=opened.user_id).order_by("pk")[:MOST])


def _speakers(people: QuerySet[User]) -> set[int]:
    for role in _SPEAK:
        if found := set(people.filter(duties__role=role).values_list("pk", flat=True)):
            return found
    return set()


def tell_owners(opened: EmergencyAccess, *, now: datetime) -> Sequence[EmergencyNotice]:
    """Put the notice on every owner's desk, inside the transaction that opens, and ask for the to-do list to be told."""
    made = EmergencyNotice.objects.bulk_create(
        EmergencyNotice(emergency=opened, user=user, told_at=now) for user in owners(opened, now)
    )
    audit.write(
        "access.emergency.told", actor=_PROGRAM, target_kind="emergency", target=opened.public_id, now=now,
        facts={"owners": sorted(notice.user.username for notice in made)},
    )  # fmt: skip
    if settings.TODO_WEBHOOK:
        jobs.later_many("access.post_notice", [{"notice_id": notice.pk} for notice in made])
    return made


def post_notice(notice_id: int, *, now: datetime) -> bool:
    """Tell the hospital's to-do list of one notice; whether there was anything to tell.

    :raises NotTaken: the list did not answer with success
    """
    rows = EmergencyNotice.objects.select_related("emergency__user", "user").filter(pk=notice_id, posted_at=None)
    notice = rows.first()
    if notice is None or not settings.TODO_WEBHOOK:
        return False
    opened = notice.emergency
    said = {
        "id": str(opened.public_id), "kind": "emergency", "opened_by": opened.user.display_name,
        "opened_at": opened.began_at.isoformat(), "until": opened.ends_at.isoformat(),
        "to": {"username": notice.user.username, "staff_number": notice.user.staff_number},
        "link": f"{settings.ADDRESS.rstrip('/')}/emergency/",
    }  # fmt: skip
    todo_list.post(said, delivery=f"{opened.public_id}/{notice.user.username}")
    EmergencyNotice.objects.filter(pk=notice.pk).update(posted_at=now)
    return True


def open_notices(actor: Actor, now: datetime) -> QuerySet[EmergencyNotice]:
    """What this person was told of and has not noted yet, the latest first."""
    rows = EmergencyNotice.objects.filter(user_id=actor.user_id, noted_at=None, told_at__gt=now - KEPT)
    return rows.select_related("emergency__user__department").order_by("-told_at", "-id")


def note_seen(opened: EmergencyAccess, *, actor: Actor, now: datetime) -> None:
    """The owner has read it; the entry says that they did.

    :raises NotFound: they were not told of it, or noted it before
    """
    with transaction.atomic():
        mine = EmergencyNotice.objects.filter(emergency=opened, user_id=actor.user_id, noted_at=None)
        if not mine.update(noted_at=now):
            raise NotFound()
        audit.write("access.emergency.noted", actor=actor, target_kind="emergency", target=opened.public_id, now=now)
