"""Medical records follow the treatment, other records the department through its history, and one's own file is closed."""

from datetime import date, timedelta

import pytest

from tests.cast import FOUNDER, PASSWORD, Cast
from yidang.catalogue import policy
from yidang.catalogue.models import Fonds, Record, RecordClass
from yidang.common import clock
from yidang.common.errors import NotAllowed, NotFound
from yidang.people import actions as people
from yidang.permissions import actions
from yidang.permissions.models import Grant


@pytest.fixture
def make(cast: Cast):
    """Makes a record in a class of a visibility."""
    fonds = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院"})
    made: list[Record] = []

    def record(visibility: str, department: str, **facts) -> Record:
        of, _new = RecordClass.objects.get_or_create(
            fonds=fonds, code=visibility.upper(), defaults={"labels": {"zh": visibility}, "visibility": visibility}
        )
        moment = facts.pop("received_at", clock.now())
        values = {"year": 2026, "retention": "Y", "level": 1, "updated_at": moment} | facts
        made.append(
            Record.objects.create(
                fonds=fonds, record_class=of, department=cast.departments[department], title="一份档案",
                accession_number=f"JS{len(made)}", received_at=moment, **values,
            )
        )  # fmt: skip
        return made[-1]

    return record


def sees(cast: Cast, username: str, record: Record, action: str = "see") -> bool:
    return Record.objects.visible_to(cast.actor(username), action).filter(pk=record.pk).exists()


def colleague(cast: Cast, username: str, department: str, role: str = "clinician") -> None:
    cast.people[username] = people.create_user(
        username=username, display_name="李医生", password=PASSWORD, department=cast.departments[department], roles=[role],
        actor=FOUNDER, now=clock.now(),
    )  # fmt: skip


@pytest.mark.promise("F1")
def test_the_treating_team_sees_earlier_admissions_and_a_colleague_elsewhere_sees_nothing(cast: Cast, make) -> None:
    now = clock.now()
    earlier = make("care", "HL", patient_number="P7", received_at=now - timedelta(days=900), year=2024)
    other = make("care", "XN", patient_number="P8")
    colleague(cast, "li", "YW")
    assert not sees(cast, "chen", earlier)
    care = actions.begin_care(
        "P7", team=cast.departments["XN"], begins_at=now - timedelta(hours=1), actor=FOUNDER, now=now
    )
    assert sees(cast, "chen", earlier) and sees(cast, "chen", earlier, "view")
    assert not sees(cast, "chen", other), "the department that made a medical record is no reason to see it"
    assert not sees(cast, "li", earlier)
    with pytest.raises(NotFound):
        policy.require(earlier.public_id, actor=cast.actor("li"), action="view")
    actions.end_care(care, ends_at=now, actor=FOUNDER, now=now)
    assert not sees(cast, "chen", earlier)


def test_only_clinicians_reach_records_by_treatment(cast: Cast, make) -> None:
    record, now = make("care", "XN", patient_number="P7"), clock.now()
    actions.begin_care("P7", team=cast.departments["CW"], begins_at=now, actor=FOUNDER, now=now)
    assert not sees(cast, "zhao", record)
    with pytest.raises(NotAllowed):
        actions.begin_care("P7", clinician=cast.people["chen"], begins_at=now, actor=cast.actor("chen"), now=now)


def test_a_department_renamed_in_2024_still_finds_its_records_of_2019(cast: Cast, make) -> None:
    old = make("department", "CW", year=2019)
    people.rename_department(cast.departments["CW"], zh="财务部", on=date(2024, 1, 1), actor=FOUNDER, now=clock.now())
    assert sees(cast, "zhao", old)
    assert not sees(cast, "xu", old)


def test_a_department_that_took_over_another_finds_its_records(cast: Cast, make) -> None:
    old = make("department", "CW", year=2019)
    people.merge_department(
        cast.departments["CW"], into=cast.departments["YB"], on=date(2026, 1, 1), actor=FOUNDER, now=clock.now()
    )
    assert sees(cast, "xu", old) and sees(cast, "zhao", old)
    assert not sees(cast, "wu", old)


@pytest.mark.promise("F1")
def test_nobody_sees_their_own_personnel_file_by_any_way(cast: Cast, make) -> None:
    own = make("entry_only", "RS", owner=cast.people["lin"])
    now = clock.now()
    assert not sees(cast, "lin", own)
    actions.issue_grant(
        cast.people["lin"], own.pk, record=str(own.public_id), actions={"view", "copy"}, until=now + timedelta(days=1),
        reason="", actor=FOUNDER, now=now,
    )  # fmt: skip
    for action in ("see", "view", "copy", "describe", "accept"):
        assert not sees(cast, "lin", own, action)
        with pytest.raises(NotFound):
            policy.require(own.public_id, actor=cast.actor("lin"), action=action)


def test_of_another_ones_personnel_file_an_archivist_sees_the_entry_alone(cast: Cast, make) -> None:
    file = make("entry_only", "RS", owner=cast.people["zhao"])
    assert sees(cast, "lin", file)
    with pytest.raises(NotAllowed):
        policy.require(file.public_id, actor=cast.actor("lin"), action="view")


def test_a_record_above_the_clearance_is_not_there(cast: Cast, make) -> None:
    restricted = make("hospital", "YB", level=3)
    assert not sees(cast, "zhao", restricted) and not sees(cast, "xu", restricted)
    assert sees(cast, "zhou", restricted) and sees(cast, "lin", restricted)


@pytest.mark.promise("F2")
def test_a_grant_holds_until_it_ends_is_revoked_or_used_up(cast: Cast, make) -> None:
    record, now, lin = make("archive", "YB"), clock.now(), cast.actor("lin")

    def issue(**facts) -> Grant:
        return actions.issue_grant(
            cast.people["zhao"], record.pk, record=str(record.public_id), actions={"view"}, reason="查考",
            actor=lin, now=now, **({"until": now + timedelta(days=3)} | facts),
        )  # fmt: skip

    assert not sees(cast, "zhao", record)
    grant = issue(times=1)
    assert sees(cast, "zhao", record) and sees(cast, "zhao", record, "view") and not sees(cast, "zhao", record, "copy")
    actions.use_grant(grant.pk, now=now)
    # The entry stays until the end, so that a look under way and asking again have something to stand on.
    assert sees(cast, "zhao", record) and not sees(cast, "zhao", record, "view")
    with pytest.raises(NotAllowed):
        actions.use_grant(grant.pk, now=now)
    actions.revoke_grant(grant, actor=lin, now=now)
    assert not sees(cast, "zhao", record)
    grant = issue()
    actions.revoke_grant(grant, actor=lin, now=now)
    assert not sees(cast, "zhao", record)
    issue(until=now + timedelta(microseconds=1))
    assert not sees(cast, "zhao", record)


def test_nobody_opens_a_record_to_themselves_and_only_archivists_to_others(cast: Cast, make) -> None:
    record, now = make("archive", "YB"), clock.now()
    for username in ("lin", "zhao", "secadmin"):
        with pytest.raises(NotAllowed):
            actions.issue_grant(
                cast.people["lin"], record.pk, record="x", actions={"view"}, until=now + timedelta(days=1), reason="",
                actor=cast.actor(username), now=now,
            )  # fmt: skip


def test_grants_over_http_are_ones_own_and_can_be_given_back(cast: Cast, make) -> None:
    record, now = make("archive", "YB"), clock.now()
    grant = actions.issue_grant(
        cast.people["zhao"], record.pk, record=str(record.public_id), actions={"view", "print"},
        until=now + timedelta(days=1), reason="", times=3, actor=cast.actor("lin"), now=now,
    )  # fmt: skip
    zhao, xu = cast.client("zhao"), cast.client("xu")
    [item] = zhao.get("/api/v1/grants").json()["items"]
    assert item["record"] == str(record.public_id) and item["times_left"] == 3 and item["actions"] == ["view", "print"]
    assert xu.get("/api/v1/grants").json()["items"] == []
    assert xu.delete(f"/api/v1/grants/{grant.public_id}").status_code == 404
    assert zhao.delete(f"/api/v1/grants/{grant.public_id}").status_code == 204
    assert not sees(cast, "zhao", record)
    assert zhao.delete(f"/api/v1/grants/{grant.public_id}").status_code == 409


def test_the_explanation_names_the_rule(cast: Cast, make) -> None:
    record = make("department", "CW")
    path = "/api/v1/permissions/explain"
    ask = {"record": str(record.public_id), "action": "view"}
    assert cast.client("zhao").get(path, ask).json()["reason"] == "class.department"
    assert cast.client("lin").get(path, ask | {"user": "xu"}).json()["reason"] == "not_visible"
    secadmin = cast.client("secadmin")
    assert secadmin.get(path, ask | {"user": "auditor"}).json()["reason"] == "administrator"
    assert secadmin.get(path, ask | {"user": "zhao", "action": "copy"}).json()["reason"] == "not_allowed"
    assert cast.client("xu").get(path, ask).status_code == 404
    assert cast.client("xu").get(path, ask | {"user": "zhao"}).status_code == 404
    page = secadmin.get("/permissions/explain/", ask | {"user": "zhao"})
    assert page.status_code == 200 and "class.department" in page.content.decode()
    assert cast.client("xu").get("/permissions/explain/", ask).status_code == 404
