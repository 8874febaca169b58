"""The security administrator sees who is signed in and what they opened, in numbers, and ends a session."""

from datetime import timedelta

import pytest

from yidang.access.models import Opening
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.errors import NotAllowed
from yidang.oversight import presence
from yidang.people.actions import deactivate_user
from yidang.people.models import SignedIn


def names(moment=None) -> set[str]:
    return set(presence.online(moment or clock.now()).values_list("user__username", flat=True))


@pytest.mark.gbt39784("7.2-3")
def test_sessions_are_seen_with_their_openings_and_ended(archive):
    record = archive.file("秘密标题", accepted=False)
    chen, secadmin = archive.cast.client("xu"), archive.cast.client("secadmin")
    assert chen.get(f"/records/{record.public_id}/documents/1/pages/1/?width=320").status_code == 200
    assert Opening.objects.count() == 1
    page = secadmin.get("/online/").content.decode()
    assert "许芳" in page and "秘密标题" not in page
    session = SignedIn.objects.select_related("user").get(user__username="xu")
    assert presence.looked_at([session])[session.pk].records == 1
    assert secadmin.post(f"/online/{session.pk}/end/").status_code == 302
    assert chen.get("/").status_code == 302 and chen.get(f"/records/{record.public_id}/").status_code == 302
    assert names() == {"secadmin"}
    assert secadmin.post(f"/online/{session.pk}/end/").status_code == 409
    assert Entry.objects.get(event="oversight.session.ended").actor == "secadmin"


def test_who_was_idle_left_or_was_closed_is_not_there(cast):
    cast.client("zhao")
    cast.client("chen")
    assert names() == {"zhao", "chen"}
    deactivate_user(cast.people["zhao"], actor=cast.actor("secadmin"), now=clock.now())
    assert names() == {"chen"}
    assert names(clock.now() + timedelta(minutes=16)) == set()


@pytest.mark.promise("F1")
def test_the_page_is_for_the_security_administrator_alone_and_their_own_session_stays(cast):
    browser = cast.client("secadmin")
    mine = SignedIn.objects.get(user__username="secadmin")
    assert browser.post(f"/online/{mine.pk}/end/").status_code == 403
    for username in ("lin", "wu", "zhou", "sysadmin", "auditor"):
        other = cast.client(username)
        assert other.get("/online/").status_code == other.post(f"/online/{mine.pk}/end/").status_code == 404
    with pytest.raises(NotAllowed):
        presence.end_session(mine, actor=cast.actor("lin"), now=clock.now())
