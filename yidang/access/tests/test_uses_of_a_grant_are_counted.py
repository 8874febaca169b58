"""An original that leaves under a grant takes one of its uses; its parts are the same use; revoked is revoked."""

from datetime import timedelta

from tests.archive import Archive
from yidang.common import clock
from yidang.permissions import actions


def test_one_use_is_one_download_with_its_parts(archive: Archive) -> None:
    record = archive.file("设备采购管理办法", {"办法.txt": "设备采购应当公开。\n".encode() * 400}, of="WS·GZ")
    now = clock.now()
    grant = actions.issue_grant(
        archive.cast.people["zhao"], record.pk, record=str(record.public_id), actions={"view", "copy"},
        until=now + timedelta(days=1), reason="", actor=archive.cast.actor("lin"), now=now, times=1,
    )  # fmt: skip
    address = f"/records/{record.public_id}/documents/1/content/"
    browser = archive.cast.client("zhao")
    assert browser.get(address, HTTP_RANGE="bytes=0-99").status_code == 206
    assert browser.get(address, HTTP_RANGE="bytes=100-199").status_code == 206
    grant.refresh_from_db()
    assert grant.used == 1
    assert browser.get(address).status_code == 403
    actions.revoke_grant(grant, actor=archive.cast.actor("lin"), now=clock.now())
    assert browser.get(address, HTTP_RANGE="bytes=200-299").status_code == 403
