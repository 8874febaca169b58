"""Who can do something with a record: the answer names the same people as asking each of them would."""

from datetime import timedelta

import pytest

from tests.cast import FOUNDER, PEOPLE, Cast
from yidang.catalogue import policy
from yidang.catalogue.models import Fonds, Record, RecordClass
from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.permissions import actions as grants
from yidang.permissions.audience import who_can

VISIBILITIES = ("hospital", "department", "care", "entry_only", "archive")


def make(cast: Cast, visibility: str, level: int = 1) -> Record:
    """A record that XN made, about patient P1 whom chen treats, which zhao may print."""
    fonds, now = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院"}), clock.now()
    of = RecordClass.objects.create(fonds=fonds, code="A", labels={"zh": "A"}, visibility=visibility)
    record = Record.objects.create(
        fonds=fonds, record_class=of, title="A", department=cast.departments["XN"], year=2026, retention="Y", level=level,
        patient_number="P1" if visibility == "care" else "", accession_number="JS1", code="A-1", received_at=now,
        updated_at=now,
    )  # fmt: skip
    grants.begin_care("P1", clinician=cast.people["chen"], begins_at=now - timedelta(days=1), actor=FOUNDER, now=now)
    grants.issue_grant(
        cast.people["zhao"], record.pk, record=str(record.public_id), actions={"view", "print"}, reason="x",
        until=now + timedelta(days=1), actor=cast.actor("lin"), now=now,
    )  # fmt: skip
    return record


@pytest.mark.parametrize("action", ["see", "view", "print", "copy"])
@pytest.mark.parametrize("level", [1, 3])
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_it_names_and_counts_those_whom_single_questions_admit(cast, visibility, level, action):
    record = make(cast, visibility, level)
    ways = who_can(cast.actor("secadmin"), record="A-1", action=action)
    named = {name for way in ways for name in way.people}
    crowd = sum(way.count for way in ways if way.reason.startswith("class."))
    admitted = {
        username: clause.reason
        for username in PEOPLE
        if (clause := policy.clause_for(cast.actor(username), action, record)) is not None
    }
    # Who comes by a name is named; who comes by a place alone is in the crowd's number.
    by_name = {PEOPLE[username][0] for username, reason in admitted.items() if not reason.startswith("class.")}
    assert by_name <= named and named <= {PEOPLE[username][0] for username in admitted} | by_name
    assert crowd >= sum(reason.startswith("class.") for reason in admitted.values())
    assert bool(ways) == bool(admitted)


def test_the_page_tells_archivists_about_what_they_see_and_nobody_else(cast):
    make(cast, "archive")
    for username, status in {"lin": 200, "secadmin": 200, "he": 404, "zhao": 404, "zhou": 404, "auditor": 404}.items():
        answer = cast.client(username).get("/permissions/explain/?record=A-1&action=view")
        assert answer.status_code == status, username
        assert ("谁可以这样做" in answer.content.decode()) == (status == 200)
        if status == 404:
            with pytest.raises(NotFound):
                who_can(cast.actor(username), record="A-1", action="view")


def test_a_grant_that_ended_and_a_closed_account_are_not_named(cast):
    record = make(cast, "archive")
    later = clock.now() + timedelta(days=2)
    assert [way.reason for way in who_can(cast.actor("lin"), record="A-1", action="view", now=later)] == [
        "duty.archivist"
    ]
    cast.people["zhao"].is_active = False
    cast.people["zhao"].save()
    assert [way.reason for way in who_can(cast.actor("lin"), record=str(record.public_id), action="view")] == [
        "duty.archivist"
    ]
