"""Who leaves: one page says what they hold, owe and may; one deed hands over, ends every right and closes."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from tests.archive import Archive
from tests.cast import FOUNDER
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.desk.leaving import close_person, standing_of
from yidang.intake.models import Submission
from yidang.oversight.models import Departure
from yidang.people.models import ApiClient, Duty, User
from yidang.permissions.actions import begin_care, issue_grant
from yidang.permissions.models import CareRelationship, Grant


@pytest.fixture
def busy(archive: Archive) -> User:
    """Xu holds a grant, treats a patient on paper, owns a client, and has a filing that nobody accepted."""
    now, xu = clock.now(), archive.cast.people["xu"]
    record = archive.file("财务制度", of="WS·GZ")
    archive.file("未接收的通知", accepted=False)
    issue_grant(
        xu, record.pk, record=str(record.public_id), actions={"view", "print"}, until=now + timedelta(days=9),
        reason="查考", actor=archive.cast.actor("lin"), now=now,
    )  # fmt: skip
    begin_care("P-1", clinician=xu, begins_at=now, actor=FOUNDER, now=now)
    archive.cast.token("xu", "records")
    return xu


def close(archive: Archive, user: User, successor: str = "", by: str = "secadmin") -> None:
    close_person(
        user, successor=archive.cast.people[successor] if successor else None, actor=archive.cast.actor(by),
        now=clock.now(),
    )  # fmt: skip


def test_the_page_lists_what_they_hold_owe_and_may_without_a_title(archive, busy):
    page = archive.cast.client("secadmin").get(f"/accounts/{busy.public_id}/leaving/").content.decode()
    standing = standing_of(busy, actor=archive.cast.actor("secadmin"), now=clock.now())
    assert [line.count for line in standing.holds] == [1, 1, 1, 1] and standing.open_filings == 1
    assert dict(standing.may).popitem()[1] == 0 and standing.may[0][1] >= 1
    assert "财务制度" not in page and "未接收的通知" not in page and "P-1" not in page and "许芳" in page


def test_closing_ends_every_right_and_hands_the_open_filings_over(archive, busy):
    browser = archive.cast.client("xu")
    close(archive, busy, "zhao")
    assert not Grant.objects.filter(subject=busy, revoked_at=None).exists()
    assert not CareRelationship.objects.filter(clinician=busy, ends_at=None).exists()
    assert not ApiClient.objects.filter(owner=busy, revoked_at=None).exists()
    assert not Duty.objects.filter(user=busy).exclude(valid_until__lt=localdate(clock.now())).exists()
    assert not Record.objects.visible_to(archive.cast.actor("xu")).exists()
    assert browser.get("/").status_code == 302  # the session has ended
    filing = Submission.objects.get(state=Submission.RECEIVED)
    assert filing.submitted_by == archive.cast.people["zhao"] and filing.submitter == "xu"
    entry = Entry.objects.get(event="desk.person.left")
    assert '"grants":1' in entry.body and '"successor":"zhao"' in entry.body


def test_open_filings_need_a_successor_in_use_who_is_somebody_else(archive, busy):
    for successor in ("", "xu"):
        with pytest.raises(InvalidInput):
            close(archive, busy, successor)
    User.objects.filter(username="wu").update(is_active=False)
    archive.cast.people["wu"].refresh_from_db()
    with pytest.raises(InvalidInput):
        close(archive, busy, "wu")
    browser = archive.cast.client("secadmin")
    assert browser.post(f"/accounts/{busy.public_id}/leaving/", {"successor": "nobody"}).status_code == 422
    busy.refresh_from_db()
    assert busy.is_active and Grant.objects.filter(subject=busy, revoked_at=None).count() == 1
    assert browser.post(f"/accounts/{busy.public_id}/leaving/", {"successor": "ZHAO"}).status_code == 302
    with pytest.raises(WrongState):
        busy.refresh_from_db()
        close(archive, busy, "zhao")


@pytest.mark.parametrize("username", ["lin", "he", "zhao", "chen", "wu", "zhou", "xu", "sysadmin", "auditor"])
def test_nobody_but_the_security_administrator(archive, busy, username):
    browser = archive.cast.client(username)
    address = f"/accounts/{busy.public_id}/leaving/"
    assert browser.get(address).status_code == 404 and browser.post(address, {"successor": "zhao"}).status_code == 404
    with pytest.raises(NotAllowed):
        close(archive, busy, "zhao", by=username)
    assert User.objects.get(username="xu").is_active


def test_nobody_closes_themselves(archive):
    with pytest.raises(NotAllowed):
        close(archive, archive.cast.people["secadmin"])


def test_leaving_is_one_notion_for_this_page_and_for_the_alarms(archive, busy):
    browser = archive.cast.client("secadmin")
    page = f"/accounts/{busy.public_id}/leaving/"
    later = localdate() + timedelta(days=20)
    noted = browser.post("/alarms/departures/", {"username": "xu", "last_day": str(later), "back": page})
    assert noted["Location"] == page and f'value="{later}"' in browser.get(page).content.decode()
    assert page in browser.get("/alarms/").content.decode()
    close(archive, busy, "zhao")
    assert Departure.objects.get(user=busy).last_day == localdate(), "closed is left: what is opened after it alarms"
