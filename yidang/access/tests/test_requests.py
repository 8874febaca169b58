"""Asking, signing, granting: at once where the rules say so, else by the route; nobody signs for themselves."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from tests.archive import Archive, build_archive
from tests.cast import FOUNDER, PASSWORD, build_cast
from yidang.access import requests
from yidang.access.models import AccessRequest
from yidang.access.requests import Ask
from yidang.approval import actions as approval
from yidang.approval.models import Case, Decision
from yidang.approval.signing import verify
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.people.actions import create_user
from yidang.permissions.models import Grant


@pytest.fixture
def letter(archive: Archive) -> Record:
    """A paper of the president's office, which zhao of finance does not see."""
    return archive.file("关于调整绩效方案的请示")


@pytest.fixture
def rule(archive: Archive) -> Record:
    """A regulation that everybody reads."""
    return archive.file("差旅费管理办法", of="WS·GZ")


@pytest.fixture
def chart(archive: Archive) -> Record:
    """A medical record of a patient whom chen does not treat."""
    return archive.file(
        "住院病案 王五", by="he", of="ZY·BA", department="BA", security="sensitive",
        metadata={"patient_number": "P-100", "patient_name": "王五"},
    )  # fmt: skip


class Caller:
    """A program with somebody's token."""

    def __init__(self, archive: Archive, username: str) -> None:
        self.token = archive.cast.token(username, "requests", "records")
        self.browser = Client()

    def __call__(self, method: str, path: str, body: object = None, status: int = 200):
        answer = getattr(self.browser, method)(
            f"/api/v1{path}", body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {self.token}"
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json() if answer.content and answer["Content-Type"].startswith("application/json") else answer


def ask(archive: Archive, username: str, *records: Record, **said) -> AccessRequest:
    values = {"actions": ["view"], "purpose": "work", "days": 7, "reason": "核对数据"} | said
    asked = Ask(records=[str(one.public_id) for one in records], **values)
    return requests.ask(asked, actor=archive.cast.actor(username), now=clock.now())


def opens(archive: Archive, username: str, record: Record) -> int:
    return archive.cast.client(username).get(f"/records/{record.public_id}/").status_code


@pytest.mark.gbt39784("7.5-1", "7.5-2", "8.2-2")
def test_a_program_asks_the_head_and_the_leader_sign_and_the_page_opens(archive: Archive, chart: Record) -> None:
    chen, wu, zhou = (Caller(archive, name) for name in ("chen", "wu", "zhou"))
    chen("get", f"/records/{chart.public_id}", status=404)
    body = {"records": [str(chart.public_id)], "actions": ["view", "print"], "purpose": "科研课题随访", "days": 7}
    made = chen("post", "/access-requests", body, status=201)
    assert made["state"] == "waiting" and made["records"][0]["title"] is None and made["steps"] == []
    [waiting] = wu("get", "/access-requests?waiting_for_me=true")["items"]
    assert waiting["id"] == made["id"]
    assert zhou("get", "/access-requests?waiting_for_me=true")["items"] == []
    there = f"/access-requests/{made['id']}"
    zhou("get", there, status=404)
    assert wu("get", there)["records"][0]["title"] == chart.title
    wu("post", f"{there}/decisions", {"decision": "approve", "note": "同意"}, status=201)
    done = zhou("post", f"{there}/decisions", {"decision": "approve", "days": 3}, status=201)
    assert done["state"] == "granted"
    [grant] = chen("get", "/grants")["items"]
    assert grant["actions"] == ["view", "print"] and grant["live"]
    assert opens(archive, "chen", chart) == 200
    row = Grant.objects.get()
    assert timedelta(days=2, hours=23) < row.until - clock.now() <= timedelta(days=3)
    assert all(verify(decision) for decision in Decision.objects.all())
    chen("delete", f"/grants/{grant['id']}", status=204)
    assert opens(archive, "chen", chart) == 404


@pytest.mark.gbt39784("8.2-1", "8.4-6")
def test_what_everybody_reads_is_granted_at_once(archive: Archive, rule: Record) -> None:
    made = ask(archive, "zhao", rule, actions=["view", "print"])
    assert made.state == "granted" and not Case.objects.exists()
    assert Grant.objects.get().may_print
    assert ask(archive, "zhao", rule, actions=["copy"]).state == "waiting"
    assert ask(archive, "lin", rule, actions=["copy"]).state == "granted"
    assert Grant.objects.count() == 1, "what the duty opens needs no permission"


def test_a_name_that_nobody_has_is_answered_like_one_that_is_hidden(archive: Archive, letter: Record) -> None:
    zhao = Caller(archive, "zhao")
    hidden, nothing = (
        zhao("post", "/access-requests", {"records": [name], "purpose": "核对", "days": 3}, status=201)
        for name in (letter.code, "Y012-WS·XZ-2026-9999")
    )
    for answer in (hidden, nothing):
        for name in ("id", "number", "asked_at", "due_at"):
            answer.pop(name)
        answer["records"][0].pop("named")
    assert hidden == nothing


def test_nobody_signs_their_own_request_and_a_leader_follows_the_same_route(archive: Archive, chart: Record) -> None:
    made = ask(archive, "zhou", chart, basis="duty")
    zhou, wu, lin = (Caller(archive, name) for name in ("zhou", "wu", "lin"))
    decide = f"/access-requests/{made.public_id}/decisions"
    zhou("post", decide, {"decision": "approve"}, status=404)
    assert zhou("get", "/access-requests?waiting_for_me=true")["items"] == []
    wu("post", decide, {"decision": "approve"}, status=201)
    zhou("post", decide, {"decision": "approve"}, status=404)
    assert lin("post", decide, {"decision": "approve"}, status=201)["state"] == "granted"


def test_who_has_no_seat_finds_nothing_and_decides_nothing(archive: Archive, chart: Record) -> None:
    made = ask(archive, "chen", chart, basis="research")
    for name in ("zhao", "xu", "he", "lin", "zhou"):
        other = Caller(archive, name)
        other("get", f"/access-requests/{made.public_id}", status=404)
        other("post", f"/access-requests/{made.public_id}/decisions", {"decision": "approve"}, status=404)
        browser = archive.cast.client(name)
        assert browser.get(f"/requests/{made.public_id}/").status_code == 404
        assert browser.get(f"/signing/{made.case.public_id}/").status_code == 404
        assert browser.post(f"/signing/{made.case.public_id}/decide/", {"decision": "approve"}).status_code == 404
    for name in ("sysadmin", "secadmin", "auditor"):
        assert archive.cast.client(name).get("/signing/").status_code == 403
        assert archive.cast.client(name).get("/requests/new/").status_code == 403


def test_deciding_twice_or_a_step_that_moved_on_is_refused(archive: Archive, chart: Record) -> None:
    made = ask(archive, "chen", chart, basis="research")
    wu = Caller(archive, "wu")
    decide = f"/access-requests/{made.public_id}/decisions"
    wu("post", decide, {"decision": "approve"}, status=201)
    wu("post", decide, {"decision": "approve"}, status=409)
    Caller(archive, "zhou")("post", decide, {"decision": "approve", "step": 0}, status=409)
    assert Decision.objects.count() == 1 and not Grant.objects.exists()


def test_who_was_passed_over_reads_the_case_no_longer(archive: Archive, letter: Record) -> None:
    made = ask(archive, "zhao", letter)
    second = create_user(
        username="ye", display_name="叶秋河", password=PASSWORD, department=archive.cast.departments["YW"],
        roles=["approver"], clearance=2, must_change=False, actor=FOUNDER, now=clock.now(),
    )  # fmt: skip
    other = ask(archive, "chen", letter)
    browser = archive.cast.client(second.username)
    there = f"/signing/{other.case.public_id}/"
    assert letter.title in browser.get(there).content.decode()
    Caller(archive, "wu")("post", f"/access-requests/{other.public_id}/decisions", {"decision": "approve"}, status=201)
    assert browser.get(there).status_code == 404
    late = browser.post(f"{there}decide/", {"decision": "approve", "step": "0"})
    assert late.status_code == 302 and letter.title not in late.content.decode()
    assert archive.cast.client("wu").get(there).status_code == 200, "who signed may read what they signed"
    assert browser.get(f"/signing/{made.case.public_id}/").status_code == 404, "seated after it was asked for"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_signers_at_once_one_signs_and_one_permission_is_issued(data, transactional_db) -> None:
    archive = build_archive(build_cast())
    record = archive.file("关于调整绩效方案的请示")
    create_user(
        username="ye", display_name="叶秋河", password=PASSWORD, department=archive.cast.departments["YW"],
        roles=["approver"], clearance=2, must_change=False, actor=FOUNDER, now=clock.now(),
    )  # fmt: skip
    made = ask(archive, "zhao", record)
    together, outcomes = threading.Barrier(4), []

    def sign(username: str) -> None:
        try:
            actor = archive.cast.actor(username)
            together.wait(10)
            approval.decide(made.case_id, choice="approve", actor=actor, now=clock.now(), step=0)
            outcomes.append("signed")
        except WrongState:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(name,)) for name in ("wu", "ye", "wu", "ye")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["late", "late", "late", "signed"]
    assert Grant.objects.count() == Decision.objects.count() == 1


def test_a_token_without_the_scope_asks_and_decides_nothing(archive: Archive, rule: Record) -> None:
    zhao = Caller(archive, "zhao")
    zhao.token = archive.cast.token("zhao", "records", name="reader")
    zhao("post", "/access-requests", {"records": [str(rule.public_id)], "purpose": "x"}, status=403)
    zhao("get", "/access-requests", status=403)


def test_signers_take_out_records_and_actions_and_the_least_is_given(archive: Archive, letter: Record) -> None:
    other = archive.file("关于院务会的通知")
    made = ask(archive, "zhao", letter, other, actions=["view", "copy"])
    wu = Caller(archive, "wu")
    decide = f"/access-requests/{made.public_id}/decisions"
    wu("post", decide, {"decision": "approve", "without": [1, 2]}, status=422)
    wu("post", decide, {"decision": "approve", "actions": ["certify"]}, status=422)
    wu("post", decide, {"decision": "approve", "without": [2]}, status=201)
    Caller(archive, "zhou")("post", decide, {"decision": "approve", "actions": ["view"]}, status=201)
    grant = Grant.objects.get()
    assert grant.record_id == letter.pk and grant.may_view and not grant.may_copy
    assert [row.taken_out for row in made.records.all()] == [False, True]
    assert verify(Decision.objects.first())


def test_a_file_of_ones_own_is_left_out_whoever_signs(archive: Archive, letter: Record) -> None:
    own = archive.file("赵磊 干部履历表", of="RS", by="lin", owner="zhao", metadata={"material": "resume"})
    made = ask(archive, "zhao", own, letter)
    for name in ("wu", "zhou"):
        Caller(archive, name)(
            "post", f"/access-requests/{made.public_id}/decisions", {"decision": "approve"}, status=201
        )
    assert [grant.record_id for grant in Grant.objects.all()] == [letter.pk]
    assert opens(archive, "zhao", own) == 404


def test_what_is_returned_is_supplemented_and_signed_anew(archive: Archive, chart: Record) -> None:
    made = ask(archive, "chen", chart)
    wu = Caller(archive, "wu")
    decide = f"/access-requests/{made.public_id}/decisions"
    wu("post", decide, {"decision": "return"}, status=422)
    wu("post", decide, {"decision": "return", "note": "请补伦理批件"}, status=201)
    made.refresh_from_db()
    assert made.state == "returned"
    browser = archive.cast.client("chen")
    page = browser.get(f"/requests/{made.public_id}/supplement/").content.decode()
    assert "请补伦理批件" in page
    form = {"records": str(chart.public_id), "actions": "view", "purpose": "research", "days": "5", "reason": "随访"}
    assert browser.post(f"/requests/{made.public_id}/supplement/", form).status_code == 422, "the basis is asked for"
    form |= {"basis": "research", "basis_detail": "YX-LL-2026-033"}
    assert browser.post(f"/requests/{made.public_id}/supplement/", form).status_code == 302
    assert archive.cast.client("zhao").post(f"/requests/{made.public_id}/supplement/", form).status_code == 404
    made.refresh_from_db()
    assert made.state == "waiting" and made.basis == "research" and made.records.count() == 1
    wu("post", decide, {"decision": "refuse", "note": "不符合规定"}, status=201)
    made.refresh_from_db()
    assert made.state == "refused" and not Grant.objects.exists()


def test_the_asker_alone_withdraws(archive: Archive, letter: Record) -> None:
    made = ask(archive, "zhao", letter)
    with pytest.raises(NotFound):
        requests.withdraw(made, actor=archive.cast.actor("chen"), now=clock.now())
    requests.withdraw(made, actor=archive.cast.actor("zhao"), now=clock.now())
    made.refresh_from_db()
    assert made.state == "withdrawn"
    with pytest.raises(WrongState):
        requests.withdraw(made, actor=archive.cast.actor("zhao"), now=clock.now())


@pytest.mark.parametrize(
    "said", [{"actions": []}, {"actions": ["fly"]}, {"days": 0}, {"days": 366}, {"purpose": "other", "reason": ""}]
)
def test_a_request_that_says_too_little_is_refused(archive: Archive, rule: Record, said) -> None:
    with pytest.raises(InvalidInput):
        ask(archive, "zhao", rule, **said)
    assert not AccessRequest.objects.exists()
    with pytest.raises(NotAllowed):
        ask(archive, "secadmin", rule)


def test_the_reason_is_kept_beside_the_log(archive: Archive, letter: Record) -> None:
    ask(archive, "zhao", letter, reason="为患者张三丰的投诉核对")
    assert "张三丰" not in Entry.objects.get(event="access.request.asked").body


@pytest.mark.gbt39784("7.5-2", "8.2-2")
def test_the_screen_signs_with_the_password_where_the_route_asks(archive: Archive, chart: Record) -> None:
    made = ask(archive, "chen", chart, basis="research")
    wu, zhou = archive.cast.client("wu"), archive.cast.client("zhou")
    page = wu.get("/signing/").content.decode()
    assert chart.title in page and made.number in page
    there = f"/signing/{made.case.public_id}/decide/"
    form = {"decision": "approve", "step": "0", "narrows": "yes", "shown": "1", "keep": "1", "allow": "view"}
    assert wu.post(there, form).status_code == 302
    form["step"] = "1"
    assert zhou.post(there, form).status_code == 422
    assert zhou.post(there, form | {"password": "wrong"}).status_code == 422
    assert not Grant.objects.exists()
    assert zhou.post(there, form | {"password": PASSWORD}).status_code == 302
    assert opens(archive, "chen", chart) == 200
    assert made.number in archive.cast.client("chen").get("/requests/").content.decode()
    text = archive.cast.client("chen").get(f"/requests/{made.public_id}/").content.decode()
    assert chart.title in text
    grants = archive.cast.client("chen")
    assert chart.title in grants.get("/grants/").content.decode()
    grant = Grant.objects.get()
    assert archive.cast.client("zhao").post(f"/grants/{grant.public_id}/give-back/").status_code == 404
    assert grants.post(f"/grants/{grant.public_id}/give-back/").status_code == 302
    assert opens(archive, "chen", chart) == 404


def test_several_are_signed_at_once_and_single_ones_left_out(archive: Archive, letter: Record) -> None:
    first, second, third = (ask(archive, name, letter) for name in ("zhao", "chen", "he"))
    wu = archive.cast.client("wu")
    chosen = [str(first.case.public_id), str(third.case.public_id), "nonsense"]
    assert wu.post("/signing/batch/", {"case": chosen}).status_code == 302
    states = AccessRequest.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["granted", "waiting", "granted"]
    assert wu.post("/signing/batch/", {"case": [str(second.case.public_id)]}).status_code == 302


def test_the_basket_is_asked_for_at_once(archive: Archive, rule: Record) -> None:
    other = archive.file("会议管理办法", of="WS·GZ")
    hidden = archive.file("院务会纪要")
    browser = archive.cast.client("zhao")
    for record in (rule, other):
        assert browser.post(f"/records/{record.public_id}/basket/").status_code == 302
    assert browser.post(f"/records/{hidden.public_id}/basket/").status_code == 404
    page = browser.get("/requests/new/").content.decode()
    assert rule.title in page and other.title in page
    assert hidden.title not in browser.get(f"/requests/new/?record={hidden.public_id}").content.decode()
    form = {
        "records": f"{rule.public_id}\n{other.public_id}",
        "actions": ["view", "print"],
        "purpose": "work",
        "days": "3",
    }
    assert browser.post("/requests/new/", form).status_code == 302
    assert Grant.objects.count() == 2
    assert rule.title not in browser.get("/requests/new/").content.decode()


def test_the_queue_asks_the_database_as_often_with_many_as_with_few(
    archive: Archive, letter: Record, django_assert_max_num_queries
) -> None:
    ask(archive, "zhao", letter)
    wu = archive.cast.client("wu")
    wu.get("/signing/")
    with django_assert_max_num_queries(48):
        wu.get("/signing/")
    for name in ("chen", "he", "xu", "zhao", "lin"):
        ask(archive, name, letter, actions=["view", "copy"] if name in {"xu", "lin"} else ["view"])
    with django_assert_max_num_queries(48):
        page = wu.get("/signing/").content.decode()
    assert page.count('data-batch"') == 0 and page.count('name="case"') == Case.objects.filter(state="waiting").count()
