"""What a duty reaches is counted as its holders' lists would show it; rights without a trace for a year are found and end."""

from datetime import timedelta
from typing import Any

import pytest

from tests.archive import Archive
from yidang.access.models import Opening
from yidang.audit.models import Entry
from yidang.catalogue.models import Record, RecordClass
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, WrongState
from yidang.oversight import numbers
from yidang.oversight.models import ReachFigure, UnusedRight
from yidang.oversight.unused import end_unused, find_unused
from yidang.people.actors import actor_of_user
from yidang.people.models import ApiClient, Duty, User
from yidang.permissions import freezing
from yidang.permissions.actions import begin_care, issue_grant
from yidang.permissions.models import CareRelationship, Grant

PROGRAM = Actor.system("oversight")
LONG = timedelta(days=400)


def row(archive: Archive, number: int, of: str, **facts: Any) -> Record:
    now = clock.now()
    return Record.objects.create(
        fonds=archive.fonds, record_class=RecordClass.objects.get(code=of), title=f"秘密标题{number}", year=2026,
        retention="D30", accession_number=f"A{number}", received_at=now, updated_at=now, **facts,
    )  # fmt: skip


@pytest.fixture
def shelf(archive: Archive) -> list[Record]:
    """Papers of departments and levels, stays of five patients, a personnel file."""
    of = archive.cast.departments
    made = [row(archive, n, "WS·XZ", department=of[key], level=level) for n, (key, level) in enumerate(
        [("CW", 0), ("CW", 1), ("CW", 3), ("XN", 1), ("XN", 2), ("RS", 1)])]  # fmt: skip
    made += [row(archive, 20 + n, "ZY·BA", patient_number=f"P{n}", level=2) for n in range(5)]
    return [*made, row(archive, 40, "RS", owner=archive.cast.people["lin"])]


def by_hand(username: str, action: str) -> dict[int, int]:
    """What the person's own lists hold, by class."""
    found: dict[int, int] = {}
    seen = Record.objects.visible_to(actor_of_user(User.objects.get(username=username)), action)
    for number in seen.values_list("record_class_id", flat=True):
        found[number] = found.get(number, 0) + 1
    return found


def told(holder: str, action: str) -> dict[int, int]:
    rows = ReachFigure.objects.filter(holder=holder).values_list("record_class_id", action)
    return {number: count for number, count in rows if count}


@pytest.mark.parametrize("at_once", [2000, 2])
def test_the_numbers_are_those_of_the_holders_own_lists(archive, shelf, monkeypatch, at_once):
    monkeypatch.setattr(numbers, "AT_ONCE", at_once)
    now = clock.now()
    for patient in ("P1", "P2", "P3"):
        begin_care(patient, begins_at=now, actor=PROGRAM, now=now, clinician=archive.cast.people["chen"])
    freezing.freeze_access(
        record_id=shelf[-1].pk, record=str(shelf[-1].public_id), patient_number="", named=[], care_goes_on=False,
        reason="舆情事件暂停查阅", actor=archive.cast.actor("lin"), now=now,
    )  # fmt: skip
    numbers.count_reach(now=clock.now())
    for username, holder in (("lin", "archivist"), ("he", "records_clerk"), ("xu", "department_clerk"),
                             ("zhao", "staff"), ("chen", "clinician"), ("secadmin", "security_admin")):  # fmt: skip
        for action in numbers.COUNTED:
            assert told(holder, action) == by_hand(username, action), (holder, action)


def test_many_holders_reach_together_what_each_reaches(archive, shelf):
    other = User.objects.create(
        username="fang", display_name="方", department=archive.cast.departments["RS"], clearance=3
    )
    Duty.objects.create(user=other, role="staff")
    numbers.count_reach(now=clock.now())
    mine, theirs = (set(Record.objects.visible_to(actor_of_user(user)).values_list("pk", flat=True))
                    for user in (archive.cast.people["zhao"], other))  # fmt: skip
    assert sum(told("staff", "see").values()) == len(mine | theirs)


def test_a_permission_counts_in_its_own_line_and_not_for_the_duty(archive, shelf):
    numbers.count_reach(now=clock.now())
    before = told("staff", "view")
    issue_grant(
        archive.cast.people["zhao"], shelf[7].pk, record=str(shelf[7].public_id), actions={"print"}, reason="x",
        until=clock.now() + timedelta(days=2), actor=archive.cast.actor("lin"), now=clock.now(),
    )  # fmt: skip
    numbers.count_reach(now=clock.now())
    assert told("staff", "view") == before
    assert sum(told("grants", "view").values()) == sum(told("grants", "print").values()) == 1
    assert not told("grants", "copy")


@pytest.mark.promise("F1")
def test_the_page_tells_numbers_and_no_titles_to_the_security_administrator_alone(archive, shelf):
    browser = archive.cast.client("secadmin")
    assert browser.post("/rights/count/").status_code == 302
    archive.work()
    for address in ("/rights/", "/rights/?action=copy&branch=WS", "/rights/?action=nonsense&branch=nonsense"):
        page = browser.get(address)
        assert page.status_code == 200 and "秘密标题" not in page.content.decode()
    for username in ("lin", "he", "wu", "zhou", "sysadmin", "auditor"):
        other = archive.cast.client(username)
        assert other.get("/rights/").status_code == other.get("/rights/unused/").status_code == 404
        assert other.post("/rights/count/").status_code == 404


def test_the_page_asks_few_questions_however_many_figures(archive, shelf, django_assert_max_num_queries):
    numbers.count_reach(now=clock.now())
    browser = archive.cast.client("secadmin")
    browser.get("/rights/")
    with django_assert_max_num_queries(40):
        browser.get("/rights/")


@pytest.fixture
def old(archive, shelf) -> dict[str, Any]:
    """Everything was given more than a year ago."""
    long_ago = clock.now() - LONG
    people = archive.cast.people
    care = begin_care("P1", begins_at=long_ago, actor=PROGRAM, now=clock.now(), clinician=people["chen"])
    grant = issue_grant(
        people["zhao"], shelf[7].pk, record=str(shelf[7].public_id), actions={"view"}, reason="长期课题",
        until=clock.now() + timedelta(days=30), actor=archive.cast.actor("lin"), now=clock.now(),
    )  # fmt: skip
    archive.cast.token("xu", "filing", name="OA")
    ApiClient.objects.update(created_at=long_ago, expires_at=clock.now() + timedelta(days=30))
    Grant.objects.update(issued_at=long_ago)
    Duty.objects.update(granted_at=long_ago)
    User.objects.update(created_at=long_ago)
    return {"care": care, "grant": grant, "now": clock.now(), "shelf": shelf}


def found() -> set[tuple[str, str]]:
    return {(one.kind, one.user.username if one.user else "") for one in UnusedRight.objects.select_related("user")}


def opens(user: User, record: Record, because: str, days: int) -> None:
    moment = clock.now() - timedelta(days=days)
    Opening.objects.create(user=user, record=record, document=1, because=because, opened_at=moment, ends_at=moment)


def test_without_a_trace_everything_is_found(archive, old):
    find_unused(now=old["now"])
    assert found() >= {("care", "chen"), ("grant", "zhao"), ("client", "xu"), ("duty", "wu"), ("account", "zhou")}
    assert ("duty", "lin") not in found(), "the archivist issued a permission"


def test_a_trace_within_the_year_keeps_a_right_and_an_older_one_does_not(archive, old):
    people, shelf = archive.cast.people, old["shelf"]
    opens(people["chen"], shelf[7], "care", 300)
    opens(people["zhao"], shelf[7], "grant", 380)
    ApiClient.objects.update(last_used_at=old["now"] - timedelta(days=10))
    archive.cast.client("zhou")
    find_unused(now=clock.now())
    assert not found() & {("care", "chen"), ("duty", "chen"), ("client", "xu"), ("account", "zhou"), ("account", "xu")}
    assert ("grant", "zhao") in found()


def test_young_rights_are_not_asked(archive, shelf):
    assert find_unused(now=clock.now()) == 0


def test_the_security_administrator_ends_them_one_by_one(archive, old):
    find_unused(now=clock.now())
    browser = archive.cast.client("secadmin")
    page = browser.get("/rights/unused/").content.decode()
    assert "陈思远" in page and "P1" not in page and "秘密标题" not in page
    for kind, username in (("care", "chen"), ("grant", "zhao"), ("client", "xu"), ("duty", "wu"), ("account", "zhou")):
        right = UnusedRight.objects.get(kind=kind, user__username=username)
        assert browser.post(f"/rights/unused/{right.public_id}/end/").status_code == 302
        assert Entry.objects.filter(event="oversight.right.ended", target_kind=kind, target=str(right.number)).exists()
        assert browser.post(f"/rights/unused/{right.public_id}/end/").status_code == 404
    assert not CareRelationship.objects.filter(ends_at=None).exists()
    assert Grant.objects.get().revoked_at and ApiClient.objects.get().revoked_at
    assert not User.objects.get(username="zhou").is_active
    assert Duty.objects.get(user__username="wu").valid_until is not None


def test_nobody_else_ends_a_right_and_nobody_their_own(archive, old):
    find_unused(now=clock.now())
    right = UnusedRight.objects.filter(kind="duty", user__username="wu").get()
    with pytest.raises(NotAllowed):
        end_unused(right, actor=archive.cast.actor("lin"), now=clock.now())
    own = UnusedRight(
        kind="account", number=1, user=archive.cast.people["secadmin"], since=old["now"], found_at=old["now"]
    )
    with pytest.raises(NotAllowed):
        end_unused(own, actor=archive.cast.actor("secadmin"), now=clock.now())
    end_unused(right, actor=archive.cast.actor("secadmin"), now=clock.now())
    with pytest.raises(WrongState):
        end_unused(right, actor=archive.cast.actor("secadmin"), now=clock.now())
