"""The rules as a table, worked out by asking them; docs/developer/permissions.md holds it, and a test keeps it true."""

from dataclasses import dataclass
from itertools import product

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.people.models import Department, Duty, User
from yidang.people.roles import ROLES
from yidang.permissions.models import CareRelationship
from yidang.permissions.policy import clause_for
from yidang.permissions.reach import ACTIONS, VISIBILITIES, ClassFacts

LETTERS = dict(zip(ACTIONS, "svpcda", strict=True))


@dataclass(frozen=True)
class _Record:
    """The columns that the rules ask."""

    pk: int
    record_class_id: int
    department_id: int
    patient_number: str
    level: int = 1
    owner_id: int | None = None


class _Rollback(Exception):
    """The people that were asked about do not stay."""


def render() -> str:
    """The table in Markdown; what is added for the own department or a treated patient stands behind a plus."""
    from django.db import transaction

    rows: list[str] = []
    try:
        with transaction.atomic():
            rows = [_row(role) for role in ROLES]
            raise _Rollback
    except _Rollback:
        head = "| duty | " + " | ".join(f"`{name}`" for name in VISIBILITIES) + " |"
        return "\n".join([head, "|---|" + "---|" * len(VISIBILITIES), *rows])


def _row(role: str) -> str:
    here, there = (Department.objects.create(key=f"MATRIX-{role[:6].upper()}-{n}"[:20]) for n in (1, 2))
    user = User.objects.create(username=f"matrix.{role}", display_name=role, department=here)
    Duty.objects.create(user=user, role=role)
    CareRelationship.objects.create(patient_number="P1", clinician=user, begins_at=clock.now())
    actor = Actor("person", user.username, user_id=user.pk, department_id=here.pk, duties=frozenset({role}))
    classes = [ClassFacts(number, name.upper(), name) for number, name in enumerate(VISIBILITIES)]
    cells = []
    for facts in classes:
        plain = _may(actor, classes, _Record(0, facts.id, there.pk, ""))
        near = "".join(
            _may(actor, classes, _Record(0, facts.id, place, patient))
            for place, patient in product((here.pk, there.pk), ("", "P1"))
        )
        more = "".join(letter for letter in LETTERS.values() if letter in near and letter not in plain)
        cells.append((plain or "—") + (f" +{more}" if more else ""))
    return f"| `{role}` | " + " | ".join(cells) + " |"


def _may(actor: Actor, classes: list[ClassFacts], record: _Record) -> str:
    return "".join(letter for action, letter in LETTERS.items() if clause_for(actor, action, record, classes))
