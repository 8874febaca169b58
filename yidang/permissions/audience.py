"""Who can do something with a record: asked of the same clauses, one person at a time, for those whom a rule may name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from yidang.common import clock
from yidang.common.actor import ADMINISTRATORS, Actor
from yidang.common.errors import NotFound
from yidang.people.actors import actor_of_user
from yidang.people.departments import departments_reached_from
from yidang.people.models import Department, Duty, User
from yidang.people.policy import administers
from yidang.permissions import policy
from yidang.permissions.explaining import may_ask_about_others
from yidang.permissions.models import CareRelationship, Grant
from yidang.permissions.reach import DEPARTMENT, HOSPITAL, SEE
from yidang.permissions.records import source

NAMED_MOST = 200


@dataclass(frozen=True)
class Way:
    """One rule by which people reach a record.

    :param people: those whom it admits, by name; for rules that admit a whole hospital or department only their number
    """

    reason: str
    people: tuple[str, ...]
    count: int


def who_can(actor: Actor, *, record: str, action: str, now: datetime | None = None) -> list[Way]:
    """The rules that admit anybody to a record for an action, and whom.

    :param record: public id or archival code
    :raises NotFound: no such record, or the actor may not ask about it
    """
    if not may_ask_about_others(actor):
        raise NotFound()
    moment, lent = now or clock.now(), source()
    found, classes = lent.find(record.strip()), lent.class_facts()
    if found is None or (not administers(actor) and policy.clause_for(actor, SEE, found, classes) is None):
        raise NotFound()
    by_reason: dict[str, list[str]] = {}
    for user in _candidates(found, moment)[:NAMED_MOST]:
        clause = policy.clause_for(actor_of_user(user), action, found, classes, now=moment)
        if clause is not None and not clause.reason.startswith("class."):
            by_reason.setdefault(clause.reason, []).append(user.display_name or user.username)
    ways = [Way(reason, tuple(sorted(names)), len(names)) for reason, names in sorted(by_reason.items())]
    return ways + _crowds(found, action, classes, moment)


def _candidates(record: Any, moment: datetime) -> QuerySet[User]:
    """Everybody whom a duty, a grant or a treatment may admit; whether it does, the clauses say."""
    keepers = Duty.objects.filter(role__in=["archivist", "records_clerk"]).values("user_id")
    granted = Grant.objects.filter(record_id=record.pk, revoked_at=None, until__gt=moment).values("subject_id")
    named = Q(pk__in=keepers) | Q(pk__in=granted)
    if record.patient_number:
        care = CareRelationship.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=moment), patient_number=record.patient_number
        )
        named |= Q(pk__in=care.exclude(clinician=None).values("clinician_id"))
        named |= Q(department_id__in=care.exclude(team=None).values("team_id"), duties__role="clinician")
    return User.objects.filter(named, is_active=True).distinct().order_by("username")


def _crowds(record: Any, action: str, classes: Any, moment: datetime) -> list[Way]:
    """The rules that admit by place: one person of each department and clearance stands for all of them."""
    visibility = next((facts.visibility for facts in classes if facts.id == record.record_class_id), "")
    if visibility not in {HOSPITAL, DEPARTMENT}:
        return []
    people = User.objects.filter(is_active=True)
    if visibility == DEPARTMENT:
        near = [
            department for department in Department.objects.values_list("id", flat=True)
            if record.department_id in departments_reached_from(department)
        ]  # fmt: skip
        people = people.filter(department_id__in=near)
    people = people.exclude(duties__role__in=ADMINISTRATORS)
    counts: dict[str, int] = {}
    alike: dict[tuple[int | None, int], list[int]] = {}
    for pk, department, clearance in people.values_list("pk", "department_id", "clearance").distinct():
        alike.setdefault((department, clearance), []).append(pk)
    for members in alike.values():
        one = User.objects.get(pk=members[0])
        alone = Actor("person", one.username, user_id=one.pk, department_id=one.department_id)
        reasons = [
            clause.reason for clause in policy.clauses_for(alone, action, record, classes, now=moment)
            if clause.reason.startswith("class.")
        ]  # fmt: skip
        if reasons:
            counts[reasons[0]] = counts.get(reasons[0], 0) + len(members)
    return [Way(reason, (), count) for reason, count in sorted(counts.items())]
