"""Roles × visibilities × actions against a table that was written by hand from the rules, not from the code."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cast import FOUNDER, Cast
from yidang.catalogue import policy
from yidang.catalogue.models import Fonds, Record, RecordClass
from yidang.catalogue.models.records import class_facts
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.people.actions import end_duty
from yidang.people.models import Duty
from yidang.permissions import actions as grants
from yidang.permissions.matrix import render
from yidang.permissions.policy import clause_for
from yidang.permissions.reach import ACTIONS

VISIBILITIES = ("hospital", "department", "care", "entry_only", "archive")
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "developer" / "permissions.md"

# Person: what they may do with a record of each visibility that XN 心血管内科 made, level 1 (internal), about patient P1,
# whom chen treats. Letters: s see, v view, p print, c copy, d describe, a accept.
EVERYTHING, ENTRY = "svpcda", "sda"
ORACLE = {
    "lin": {
        "hospital": EVERYTHING,
        "department": EVERYTHING,
        "care": EVERYTHING,
        "entry_only": ENTRY,
        "archive": EVERYTHING,
    },
    "he": {"hospital": "sv", "department": "", "care": EVERYTHING, "entry_only": "", "archive": ""},
    "xu": {"hospital": "sv", "department": "", "care": "", "entry_only": "", "archive": ""},
    "zhao": {"hospital": "sv", "department": "", "care": "", "entry_only": "", "archive": ""},
    "chen": {"hospital": "sv", "department": "sv", "care": "sv", "entry_only": "", "archive": ""},
    "wu": {"hospital": "sv", "department": "", "care": "", "entry_only": "", "archive": ""},
    "zhou": {"hospital": "sv", "department": "", "care": "", "entry_only": "", "archive": ""},
    "sysadmin": dict.fromkeys(VISIBILITIES, ""),
    "secadmin": dict.fromkeys(VISIBILITIES, ""),
    "auditor": dict.fromkeys(VISIBILITIES, ""),
}
LETTERS = {"see": "s", "view": "v", "print": "p", "copy": "c", "describe": "d", "accept": "a"}


@pytest.fixture
def shelf(cast: Cast) -> dict[str, Record]:
    """One record of each visibility."""
    fonds, now = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院"}), clock.now()
    records = {}
    for number, visibility in enumerate(VISIBILITIES):
        of = RecordClass.objects.create(
            fonds=fonds, code=visibility.upper(), labels={"zh": visibility}, visibility=visibility
        )
        records[visibility] = Record.objects.create(
            fonds=fonds, record_class=of, title=visibility, department=cast.departments["XN"], year=2026, retention="Y",
            level=1, patient_number="P1" if visibility == "care" else "", accession_number=f"JS{number}",
            owner=cast.people["xu"] if visibility == "entry_only" else None, received_at=now, updated_at=now,
        )  # fmt: skip
    grants.begin_care("P1", clinician=cast.people["chen"], begins_at=now - timedelta(days=1), actor=FOUNDER, now=now)
    return records


@pytest.mark.gbt39784("4.4-1", "4.4-2")
@pytest.mark.promise("F1", "F3")
@pytest.mark.parametrize("username", ORACLE)
def test_everybody_may_do_what_the_oracle_says_and_nothing_else(
    username: str, cast: Cast, shelf: dict[str, Record]
) -> None:
    actor = cast.actor(username)
    for visibility, record in shelf.items():
        for action in ACTIONS:
            expected = LETTERS[action] in ORACLE[username][visibility]
            listed = Record.objects.visible_to(actor, action).filter(pk=record.pk).exists()
            single = policy.allowed(actor, action, record)
            assert listed == single == expected, f"{username} {action} {visibility}: list {listed}, single {single}"


@pytest.mark.promise("F1")
def test_a_program_without_a_person_reaches_nothing(cast: Cast, shelf: dict[str, Record]) -> None:
    for actor in (Actor.system("scrub"), Actor.anonymous("10.0.0.1")):
        for action in (*ACTIONS, "anything"):
            assert not Record.objects.visible_to(actor, action).exists()


def test_the_document_shows_the_rules_as_they_are(db: None) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert render() in text, (
        "docs/developer/permissions.md is behind; put the output of yidang.permissions.matrix.render() in."
    )


def test_the_oracle_and_the_document_agree() -> None:
    """The document's table, read as text, says the same as the oracle above."""
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    told = {role: [cell.strip() for cell in cells.split("|")] for role, cells in rows}
    by_role = {
        "lin": "archivist",
        "he": "records_clerk",
        "xu": "department_clerk",
        "zhao": "staff",
        "wu": "approver",
        "zhou": "leader",
    }
    for username, role in by_role.items():
        for position, visibility in enumerate(VISIBILITIES):
            shown = told[role][position].split(" ")[0].replace("—", "")
            assert shown == ORACLE[username][visibility], (role, visibility)


@pytest.mark.promise("F2")
@pytest.mark.parametrize("hour", [0, 15, 16, 17, 23])
def test_a_duty_that_is_taken_away_ends_at_once_at_every_hour_of_the_day(
    hour: int, cast: Cast, shelf: dict[str, Record]
) -> None:
    """Between midnight in the hospital and midnight in UTC as well."""
    now = clock.now().replace(hour=hour)
    actor, archive = cast.actor("lin"), shelf["archive"]
    assert policy_at(actor, archive, now)
    end_duty(Duty.objects.get(user=cast.people["lin"]), actor=cast.actor("secadmin"), now=now)
    assert not policy_at(actor, archive, now)


def policy_at(actor: Actor, record: Record, now: datetime) -> bool:
    """Whether an actor whose duties were read before reaches a record at a moment."""
    return clause_for(actor, "see", record, class_facts(), now=now) is not None
