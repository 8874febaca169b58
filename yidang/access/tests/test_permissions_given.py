"""The archive room sees whom it has opened what to, and ends it at any moment."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.permissions.actions import issue_grant
from yidang.permissions.models import Grant

ADDRESS = "/grants/given/"


@pytest.fixture
def opened(archive: Archive) -> Grant:
    """A contract of another department, opened to a colleague."""
    record = archive.file("设备采购合同")
    record.level = 3
    record.save(update_fields=["level"])
    now = clock.now()
    return issue_grant(
        archive.cast.people["zhao"], record.pk, record=str(record.public_id), actions=frozenset({"view"}),
        until=now + timedelta(days=3), actor=archive.cast.actor("lin"), now=now, reason="核对合同",
    )  # fmt: skip


def test_a_permission_is_found_and_revoked_and_the_next_page_is_refused(archive: Archive, opened: Grant) -> None:
    keeper, reader = archive.cast.client("lin"), archive.cast.client("zhao")
    page = keeper.get(ADDRESS).content.decode()
    assert "设备采购合同" in page and "赵磊" in page and "核对合同" in page
    record = keeper.get(ADDRESS, {"q": "赵"}).content.decode()
    assert "设备采购合同" in record and "设备采购合同" not in keeper.get(ADDRESS, {"q": "没有这个人"}).content.decode()
    public_id = Entry.objects.get(event="permissions.grant.issued").target
    assert reader.get(f"/records/{public_id}/").status_code == 200
    assert keeper.post(f"/grants/{opened.public_id}/revoke/", {"why": "调离岗位"}).status_code == 302
    assert reader.get(f"/records/{public_id}/").status_code == 404
    assert "设备采购合同" not in keeper.get(ADDRESS).content.decode()
    entry = Entry.objects.select_related("personal").get(event="permissions.grant.revoked")
    assert entry.actor == "lin" and "调离岗位" in entry.personal.body and "调离岗位" not in entry.body
    assert keeper.post(f"/grants/{opened.public_id}/revoke/").status_code == 404


@pytest.mark.parametrize("who", ["zhao", "he", "wu", "secadmin", "sysadmin", "auditor"])
def test_nobody_else_sees_the_list_or_ends_what_is_not_theirs(archive: Archive, opened: Grant, who: str) -> None:
    browser = archive.cast.client(who)
    assert browser.get(ADDRESS).status_code == 403
    assert browser.post(f"/grants/{opened.public_id}/revoke/").status_code == 403
    opened.refresh_from_db()
    assert opened.revoked_at is None


def test_a_long_list_is_paged_and_asks_as_often_as_a_short_one(
    archive: Archive, opened: Grant, django_assert_max_num_queries
) -> None:
    keeper, later = archive.cast.client("lin"), clock.now() + timedelta(days=4)
    Grant.objects.bulk_create(
        Grant(subject=archive.cast.people["zhao"], record_id=opened.record_id, until=later + timedelta(seconds=number))
        for number in range(120)
    )
    with django_assert_max_num_queries(27):
        first = keeper.get(ADDRESS).content.decode()
    assert first.count("/revoke/") < 121 and "cursor=" in first
