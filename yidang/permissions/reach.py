"""The one rule of who reaches which records, as clauses that a database filter and an index query both express.

A record is reached when one clause admits it. A clause admits a record when each of its conditions that is set holds:
class, department, patient, record, level. Rules that refuse are part of every clause, so nothing can override them.
Nothing is admitted that no clause names: there is no superuser.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from yidang.common import clock, prepared
from yidang.common.actor import Actor
from yidang.people.departments import departments_reached_from
from yidang.people.models import Duty, User
from yidang.permissions.limits import admits_address
from yidang.permissions.models import AccessFreeze, CareRelationship, Grant

# What one can ask to do with a record. `see` is the catalogue entry, `view` its pages, `copy` the original bytes.
SEE, VIEW, PRINT, COPY, DESCRIBE, ACCEPT = "see", "view", "print", "copy", "describe", "accept"
ACTIONS = (SEE, VIEW, PRINT, COPY, DESCRIBE, ACCEPT)
# What an access freeze stops; the catalogue entry stays, so that lists and counts say what they said.
LOOKING = frozenset({VIEW, PRINT, COPY})

# Visibility of a class of records, set with the class.
HOSPITAL, DEPARTMENT, CARE, ENTRY_ONLY, ARCHIVE = "hospital", "department", "care", "entry_only", "archive"
VISIBILITIES = (HOSPITAL, DEPARTMENT, CARE, ENTRY_ONLY, ARCHIVE)

TOP_LEVEL = 3

MANY = 500  # records named one by one in a question to the database, at most
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# The source of a care relationship that a clinician declared in an emergency; it ends within hours and is reviewed.
EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What the rules need to know of one class: its code path such as ``KJ·KY`` and its visibility."""

    id: int
    code: str
    visibility: str


def _within_or_all(inner: frozenset[int] | None, outer: frozenset[int] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


@dataclass(frozen=True, slots=True)
class Clause:
    """One way to reach records; a condition that is ``None`` is not asked.

    :param reason: the rule's name, for the explanation
    :param not_owner: the person whose own file is left out (nobody reads their own personnel file)
    :param granted: whose grants, and live at which moment, in place of ``record_ids``: the database finds the records
    :param not_records: records left out, and of ``not_patients`` every record: looking at them is frozen
    """

    reason: str
    class_ids: frozenset[int] | None = None
    department_ids: frozenset[int] | None = None
    patients: frozenset[str] | None = None
    record_ids: frozenset[int] | None = None
    max_level: int = TOP_LEVEL
    not_owner: int | None = None
    not_records: frozenset[int] = frozenset()
    not_patients: frozenset[str] = frozenset()
    granted: tuple[int, datetime] | None = None

    @property
    def admits_nothing(self) -> bool:
        """Whether some condition can hold for no record."""
        return any(
            condition is not None and not condition
            for condition in (self.class_ids, self.department_ids, self.patients, self.record_ids)
        )

    @property
    def is_single(self) -> bool:
        """Whether it admits records one by one, or patient by patient, and not by class and department."""
        return self.patients is not None or self.record_ids is not None or self.granted is not None

    def covers(self, other: "Clause") -> bool:
        """Whether it admits everything that another one admits, by what they ask alone."""
        wide = self.patients is None and self.record_ids is None and self.granted is None
        return (
            wide
            and _within_or_all(other.class_ids, self.class_ids)
            and _within_or_all(other.department_ids, self.department_ids)
            and self.max_level >= other.max_level
            and self.not_owner in {None, other.not_owner}
            and self.not_records <= other.not_records
            and self.not_patients <= other.not_patients
        )

    def as_q(self) -> Q:
        """The clause as a filter on records."""
        q = Q()
        if self.class_ids is not None:
            q &= Q(record_class_id__in=self.class_ids)
        if self.department_ids is not None:
            q &= Q(department_id__in=self.department_ids)
        if self.patients is not None:
            q &= Q(patient_number__in=self.patients)
        if self.record_ids is not None:
            q &= Q(pk__in=self.record_ids)
        if self.granted is not None:
            q &= Q(pk__in=_granted(*self.granted).values("record_id"))
        if self.max_level < TOP_LEVEL:
            q &= Q(level__lte=self.max_level)
        if self.not_owner is not None:
            q &= Q(owner_id__isnull=True) | ~Q(owner_id=self.not_owner)
        if self.not_records:
            q &= ~Q(pk__in=self.not_records)
        if self.not_patients:
            q &= ~Q(patient_number__in=self.not_patients)
        return q


@dataclass(frozen=True, slots=True)
class Reach:
    """All the ways in which one actor reaches records for one action."""

    action: str
    clauses: tuple[Clause, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the actor reaches nothing at all."""
        return not self.clauses

    @property
    def values(self) -> dict[str, Any]:
        """Whose own file is left out, and the moment at which grants are asked: what differs between one reach and another of its shape."""
        me = next((clause.not_owner for clause in self.clauses if clause.not_owner is not None), None)
        moment = next((clause.granted[1] for clause in self.clauses if clause.granted is not None), None)
        return {name: value for name, value in (("me", me), ("moment", moment)) if value is not None}

    @property
    def shape(self) -> "Reach":
        """The reach without its values."""
        return self.asked_with(me=0, moment=_NEVER)

    def asked_with(self, *, me: int = 0, moment: datetime = _NEVER) -> "Reach":
        """The reach of this shape with these values."""
        return replace(
            self,
            clauses=tuple(
                replace(
                    clause,
                    not_owner=None if clause.not_owner is None else me,
                    granted=None if clause.granted is None else (me, moment),
                )
                for clause in self.clauses
            ),
        )

    def as_q(self) -> Q:
        """The filter on records; matches nothing when there is no clause."""
        q = Q(pk__in=[])
        for clause in self.clauses:
            q |= clause.as_q()
        return q


def _granted(subject_id: int, moment: datetime) -> "QuerySet[Grant, Grant]":
    return Grant.objects.filter(subject_id=subject_id, revoked_at=None, until__gt=moment)


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules ask of an account."""

    pk: int
    department_id: int | None
    clearance: int


def reach(
    actor: Actor, action: str, classes: Sequence[ClassFacts], *, now: datetime | None = None, parts: bool = False,
    named: bool = True,
) -> Reach:  # fmt: skip
    """The ways in which an actor reaches records for an action, computed afresh from duties, grants and care.

    :param action: one of :data:`ACTIONS`; any other is refused by reaching nothing
    :param classes: every class of the fonds, as the catalogue states them
    :param parts: whether grants of single pages count, and those whose last use is under way: only for who then asks
        of each page. A search through texts, and whatever hands out whole records, does not.
    :param named: whether granted records are named one by one however many they are; lists leave many to the database
    """
    if action not in ACTIONS or actor.user_id is None or not actor.is_signed_in:
        return Reach(action, ())
    user = _person(actor.user_id)
    if user is None or actor.is_administrator:
        return Reach(action, ())
    moment = now or clock.now()
    clauses = [*_by_duty(actor, action, classes, moment)]
    if action in {SEE, VIEW}:
        clauses += _by_place(user, classes)
        clauses += _by_care(user, actor, classes, moment)
    clauses += _by_grant(user, actor.address, action, moment, parts, named)
    barred = [replace(clause, not_owner=user.pk) for clause in clauses if not clause.admits_nothing]
    if action in LOOKING:
        barred = _thawed(barred, user.pk)
    return Reach(action, tuple(_needed(barred)))


def _needed(clauses: Sequence[Clause]) -> Iterable[Clause]:
    """The clauses that admit anything which those before them do not: every question is asked of each."""
    kept: list[Clause] = []
    for clause in clauses:
        if not any(before.covers(clause) for before in kept):
            kept.append(clause)
    return kept


def _person(user_id: int) -> Person | None:
    asked = prepared.rows(
        "permissions.person",
        lambda me: User.objects.filter(pk=me, is_active=True).values_list("pk", "department_id", "clearance"),
        me=user_id,
    )
    return Person(*asked[0]) if asked else None


def _thawed(clauses: Sequence[Clause], user_id: int) -> list[Clause]:
    """The clauses without what is frozen for this person: every way of looking is stopped, grants and duties alike."""
    stops = list(
        AccessFreeze.objects.filter(lifted_at=None)
        .exclude(named=user_id)
        .values_list("record_id", "patient_number", "care_goes_on")
    )
    if not stops:
        return list(clauses)
    thawed = []
    for clause in clauses:
        mine = [stop for stop in stops if not (stop[2] and clause.reason == "care")]
        records = frozenset(record for record, _patient, _care in mine if record is not None)
        patients = frozenset(patient for record, patient, _care in mine if record is None)
        thawed.append(replace(clause, not_records=records, not_patients=patients))
    return thawed


def _ids(classes: Iterable[ClassFacts], *visibilities: str) -> frozenset[int]:
    return frozenset(facts.id for facts in classes if facts.visibility in visibilities)


def _within(facts: ClassFacts, branches: Sequence[str]) -> bool:
    return not branches or any(facts.code == code or facts.code.startswith(f"{code}·") for code in branches)


def _by_duty(actor: Actor, action: str, classes: Sequence[ClassFacts], moment: datetime) -> Iterable[Clause]:
    """Archivists keep everything within their branches; the records clerk keeps the medical records."""
    day = localdate(moment)  # a duty begins and ends by the hospital's calendar, as it is given
    held = prepared.rows(
        "permissions.duties",
        lambda me, day: Duty.objects.filter(user_id=me, role__in=["archivist", "records_clerk"])
        .filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_until=None) | Q(valid_until__gte=day))
        .order_by("pk").values_list("role", "class_codes", "department_id"),
        me=actor.user_id, day=day,
    )  # fmt: skip
    for role, codes, department_id in held:
        branches = json.loads(codes) if isinstance(codes, str) else codes  # as the database gives it
        mine = [facts for facts in classes if _within(facts, branches)]
        if role == "records_clerk":
            mine = [facts for facts in mine if facts.visibility == CARE]
        # Of personnel files even the archivist sees the entry alone; the pages open by a grant.
        if action not in {SEE, ACCEPT, DESCRIBE}:
            mine = [facts for facts in mine if facts.visibility != ENTRY_ONLY]
        departments = None if department_id is None else departments_reached_from(department_id)
        yield Clause(f"duty.{role}", frozenset(facts.id for facts in mine), departments)


def _by_place(user: Person, classes: Sequence[ClassFacts]) -> Iterable[Clause]:
    """Everybody reaches what is open to the hospital, and what their own department and its forerunners made."""
    yield Clause("class.hospital", _ids(classes, HOSPITAL), max_level=user.clearance)
    if user.department_id is not None:
        own = departments_reached_from(user.department_id)
        yield Clause("class.department", _ids(classes, HOSPITAL, DEPARTMENT), own, max_level=user.clearance)


def _by_care(user: Person, actor: Actor, classes: Sequence[ClassFacts], moment: datetime) -> Iterable[Clause]:
    """The treating team reaches its patients' medical records, earlier admissions included."""
    if not actor.has_duty("clinician"):
        return
    carer = Q(clinician_id=user.pk)
    if user.department_id is not None:
        carer |= Q(team_id=user.department_id)
    live = CareRelationship.objects.filter(carer, begins_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))
    treated, urgent = set[str](), set[str]()
    for patient, source in live.values_list("patient_number", "source"):
        (urgent if source == EMERGENCY else treated).add(patient)
    yield Clause("care", _ids(classes, CARE), patients=frozenset(treated))
    yield Clause("emergency", _ids(classes, CARE), patients=frozenset(urgent - treated))


class Live(NamedTuple):
    """What the rules ask of a grant; a person may have a thousand, and they are asked at every search."""

    record_id: int
    pages: str
    address: str
    times: int | None
    used: int
    sheets: int | None
    sheets_used: int


def live_grants(
    subject_id: int, action: str, moment: datetime, *, record_id: int | None = None, spent: bool = False
) -> list[Live]:
    """The grants of a person that allow an action now, wherever they sit.

    The entry stays visible until the end of a grant, its uses counted or not.

    :param record_id: only those for this record
    :param spent: whether those count whose uses are all taken
    """
    flag = {SEE: {}, VIEW: {"may_view": True}, PRINT: {"may_print": True}, COPY: {"may_copy": True}}.get(action)
    if flag is None:
        return []
    grants = _granted(subject_id, moment).filter(**flag)
    if record_id is not None:
        grants = grants.filter(record_id=record_id)
    found = [Live(*row) for row in grants.values_list(*Live._fields)]
    return [grant for grant in found if spent or action == SEE or has_uses_left(grant, action)]


def has_uses_left(grant: Grant | Live, action: str) -> bool:
    """Whether a grant can be used once more; prints are counted in sheets where the grant limits them."""
    if action == PRINT and grant.sheets is not None:
        return grant.sheets_used < grant.sheets
    return grant.times is None or grant.used < grant.times


def _by_grant(
    user: Person, address: str, action: str, moment: datetime, parts: bool, named: bool
) -> Iterable[Clause]:  # fmt: skip
    if action == SEE:  # asked by every list: no more than the numbers is read
        most = None if named else MANY + 1
        asked = prepared.rows(
            ("permissions.grants", most),
            lambda me, moment: _granted(me, moment).values_list("record_id")[:most], me=user.pk, moment=moment,
        )  # fmt: skip
        if asked and (named or len(asked) <= MANY):
            yield Clause("grant", record_ids=frozenset(record_id for (record_id,) in asked))
        elif asked:
            yield Clause("grant", granted=(user.pk, moment))
        return
    grants = live_grants(user.pk, action, moment, spent=parts)
    if action in LOOKING:
        grants = [
            grant for grant in grants if admits_address(grant.address, address) and (parts or not grant.pages)
        ]  # fmt: skip
    if grants:
        yield Clause("grant", record_ids=frozenset(grant.record_id for grant in grants))
