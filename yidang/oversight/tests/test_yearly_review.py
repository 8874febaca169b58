"""Once a year every duty is confirmed or withdrawn by those who answer for the people; what was decided is signed and kept."""

import json
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from tests.cast import FOUNDER
from yidang.audit.models import Entry
from yidang.audit.rows import check_rows
from yidang.common import clock
from yidang.common.actor import ADMINISTRATORS
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.common.signing import archive_key, verify_text
from yidang.oversight import reviewing
from yidang.oversight.models import ReviewedDuty, RightsReview
from yidang.people.actions import create_user, end_duty
from yidang.people.models import Duty


@pytest.fixture
def review(cast, data) -> RightsReview:
    create_user(
        username="fang", display_name="方科员", password="Verdigris-1188!", department=cast.departments["YW"],
        roles=["staff"], actor=FOUNDER, now=clock.now(),
    )  # fmt: skip
    return reviewing.open_review(due_on=localdate() + timedelta(days=30), actor=cast.actor("secadmin"), now=clock.now())


def line(review: RightsReview, username: str) -> ReviewedDuty:
    return review.lines.get(user__username=username)


def names(cast, review: RightsReview, username: str) -> set[str]:
    return set(reviewing.lines_for(cast.actor(username), review).values_list("user__username", flat=True))


def say(cast, review: RightsReview, by: str, about: str, verdict: str, note: str = "") -> tuple[int, int]:
    said = {str(line(review, about).public_id): (verdict, note)}
    return reviewing.decide(review, said, actor=cast.actor(by), now=clock.now())


def test_each_decides_about_their_own_people_and_nobody_about_themselves(cast, review):
    assert review.lines.count() == 11
    assert names(cast, review, "wu") == {"fang"}, "the head of medical affairs, without their own line"
    assert names(cast, review, "zhou") == {"sysadmin", "secadmin", "auditor"}
    assert names(cast, review, "secadmin") == {"lin", "he", "xu", "zhao", "chen", "wu", "zhou", "fang"}
    for username in ("lin", "he", "xu", "zhao", "chen", "sysadmin", "auditor"):
        assert names(cast, review, username) == set()
        browser = cast.client(username)
        assert browser.get("/rights/reviews/").status_code == 404
        assert browser.get(f"/rights/reviews/{review.public_id}/").status_code == 404
        with pytest.raises(NotFound):
            say(cast, review, username, "fang", "confirmed")
    with pytest.raises(NotFound):
        say(cast, review, "wu", "chen", "withdrawn", "不是本科人员")


def test_a_withdrawn_duty_ends_at_once_with_its_reason_in_the_log(cast, review):
    at_work = cast.client("zhao")
    with pytest.raises(InvalidInput):
        say(cast, review, "secadmin", "zhao", "withdrawn")
    assert say(cast, review, "secadmin", "zhao", "withdrawn", "调离财务科") == (0, 1)
    assert not Duty.objects.filter(user__username="zhao").exclude(valid_until__lt=localdate()).exists()
    assert at_work.get("/").status_code == 302, "open sessions ended"
    entry = Entry.objects.get(event="oversight.review.withdrawn")
    assert entry.actor == "secadmin" and entry.row and "调离" not in entry.body
    assert say(cast, review, "secadmin", "zhao", "confirmed") == (0, 0), "who was first decided"
    assert line(review, "zhao").verdict == "withdrawn"


def test_the_last_administrator_of_a_kind_is_not_withdrawn(cast, review):
    with pytest.raises(WrongState):
        say(cast, review, "zhou", "secadmin", "withdrawn", "轮岗")
    assert say(cast, review, "zhou", "secadmin", "confirmed") == (1, 0)


def test_it_closes_when_everything_is_decided_and_the_result_is_signed(cast, review):
    secadmin = cast.actor("secadmin")
    with pytest.raises(WrongState):
        reviewing.close_review(review, actor=secadmin, now=clock.now())
    with pytest.raises(NotAllowed):
        reviewing.close_review(review, actor=cast.actor("wu"), now=clock.now())
    say(cast, review, "secadmin", "zhao", "withdrawn", "调离财务科")
    duty = Duty.objects.select_related("user").get(user__username="xu")
    end_duty(duty, actor=secadmin, now=clock.now())
    for one in review.lines.filter(verdict="").exclude(user__username="xu").select_related("user"):
        by = "zhou" if one.role in ADMINISTRATORS else "secadmin"
        say(cast, review, by, one.user.username, "confirmed")
    closed = reviewing.close_review(review, actor=secadmin, now=clock.now())
    assert line(review, "xu").verdict == "ended"
    assert verify_text(archive_key().public_raw, closed.text, closed.signature) and reviewing.verify(closed)
    told = {one["user"]: one["verdict"] for one in json.loads(closed.text)["duties"]}
    assert told["zhao"] == "withdrawn" and told["fang"] == "confirmed" and len(told) == 11
    assert list(check_rows()) == []
    with pytest.raises(WrongState):
        say(cast, review, "secadmin", "fang", "confirmed")
    answer = cast.client("secadmin").get(f"/rights/reviews/{review.public_id}/result/")
    assert closed.signature in answer.content.decode() and "attachment" in answer["Content-Disposition"]
    ReviewedDuty.objects.filter(review=review, user__username="zhao").update(verdict="confirmed")
    assert not reviewing.verify(RightsReview.objects.get())
    assert [fault.kind for fault in check_rows()] == ["row_edited"]


def test_the_calendar_begins_the_next_one_a_year_later_and_an_overdue_one_is_told(cast, data):
    now = clock.now()
    assert reviewing.open_by_calendar(now=now) is None
    first = reviewing.open_by_calendar(now=now + timedelta(days=366))
    assert first is not None and first.opened_by is None
    assert reviewing.open_by_calendar(now=now + timedelta(days=800)) is None, "the last one is still open"
    assert not reviewing.remind_overdue(now=now + timedelta(days=380))
    late = now + timedelta(days=366 + 32)
    assert reviewing.remind_overdue(now=late) and not reviewing.remind_overdue(now=late + timedelta(days=1))
    assert reviewing.remind_overdue(now=late + timedelta(days=4))
    with pytest.raises(WrongState):
        reviewing.open_review(due_on=localdate(late) + timedelta(days=9), actor=cast.actor("secadmin"), now=late)


def test_the_pages_from_beginning_to_signature(cast, data):
    secadmin = cast.client("secadmin")
    assert secadmin.post("/rights/reviews/", {"due_on": "2020-01-01"}).status_code == 422
    begun = secadmin.post("/rights/reviews/", {"due_on": str(localdate() + timedelta(days=9))})
    page = begun["Location"]
    assert "权限年审" in cast.client("zhou").get("/").content.decode(), "on the desk of who decides"
    zhou = cast.client("zhou")
    assert zhou.get("/rights/reviews/")["Location"] == page
    administrators = {f"v-{one.public_id}": "confirmed" for one in ReviewedDuty.objects.filter(role__in=ADMINISTRATORS)}
    assert zhou.post(page, administrators).status_code == 302
    assert "权限年审" not in zhou.get("/").content.decode().split("</nav>")[-1]
    others = ReviewedDuty.objects.exclude(role__in=ADMINISTRATORS)
    refused = secadmin.post(page, {f"v-{others[0].public_id}": "withdrawn"})
    assert refused.status_code == 422 and "checked" in refused.content.decode(), "what was chosen stays chosen"
    assert secadmin.post(f"{page}closing/").status_code == 409
    assert secadmin.post(page, {f"v-{one.public_id}": "confirmed" for one in others}).status_code == 302
    assert secadmin.post(f"{page}closing/").status_code == 302
    assert "已签名" in secadmin.get(page).content.decode()
    assert secadmin.get(f"{page}?show=all&department=XN").status_code == 200
