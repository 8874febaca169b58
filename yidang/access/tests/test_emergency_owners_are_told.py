"""The records' owners learn of an emergency access within a minute, whatever else is broken; thirty days of it add up."""

import json
import random
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.archive import Archive
from tests.cast import FOUNDER, PASSWORD
from yidang.access import emergency
from yidang.access.models import EmergencyAccess, EmergencyNotice, Opening
from yidang.audit.models import Entry
from yidang.catalogue.models import Record, RecordClass
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import WrongState, YidangError
from yidang.common.signing import archive_key, verify_text
from yidang.people.actions import create_user
from yidang.people.models import User
from yidang.permissions.actions import begin_care

SYSTEM = Actor.system("access")
TEN_SECONDS, A_MINUTE = 10, timedelta(seconds=60)


def person(archive: Archive, username: str, department: str, role: str) -> None:
    create_user(
        username=username, display_name=f"{username}医师", password=PASSWORD, roles=[role], actor=FOUNDER,
        department=archive.cast.departments[department], now=clock.now(), must_change=False,
    )  # fmt: skip


@pytest.fixture
def patient(archive: Archive) -> Record:
    """A patient of cardiology, whom gao treats and whom chen's colleague sun of surgery does not."""
    person(archive, "gao", "XN", "clinician")
    person(archive, "head", "XN", "approver")
    person(archive, "sun", "HL", "clinician")
    record = archive.file(
        "住院病案 王五", by="he", of="ZY·BA", accepted=False, department="XN", security="sensitive",
        metadata={"patient_number": "P-100", "patient_name": "王五"},
    )  # fmt: skip
    begin_care(
        "P-100", begins_at=clock.now(), actor=SYSTEM, now=clock.now(), clinician=User.objects.get(username="gao")
    )
    return record


def opens(archive: Archive, username: str = "sun", number: str = "P-100") -> EmergencyAccess:
    return emergency.open_in_emergency(number, reason="胸痛抢救", actor=archive.cast.actor(username), now=clock.now())


def told(opened: EmergencyAccess) -> set[str]:
    return set(opened.notices.values_list("user__username", flat=True))


@pytest.mark.promise("F4")
def test_the_treating_clinician_and_the_departments_head_see_it_on_their_desks_at_once(archive, patient):
    opened = opens(archive)
    assert told(opened) == {"gao", "head"}, "nobody else, and not who opened it"
    assert all(notice.told_at - opened.began_at <= A_MINUTE for notice in opened.notices.all())
    for username in ("gao", "head"):
        browser = sign_in(username)
        for page in ("/", "/emergency/"):
            seen = browser.get(page).content.decode()
            assert "胸痛抢救" in seen and "P-100" in seen and "sun医师" in seen
        assert browser.post(f"/emergency/{opened.public_id}/seen/").status_code == 302
        assert "胸痛抢救" not in browser.get("/").content.decode()
        assert browser.post(f"/emergency/{opened.public_id}/seen/").status_code == 404
    assert archive.cast.client("zhao").post(f"/emergency/{opened.public_id}/seen/").status_code == 404
    entry = Entry.objects.get(event="access.emergency.told")
    assert "gao" in entry.body and "P-100" not in entry.body


def sign_in(username: str) -> Client:
    browser = Client()
    assert browser.post("/sign-in/", {"username": username, "password": PASSWORD}).status_code == 302
    return browser


@pytest.mark.promise("F4")
def test_records_that_nobody_answers_for_are_told_to_their_keeper(archive, patient):
    archive.file(
        "住院病案 赵六", by="he", of="ZY·BA", accepted=False, department="SB", security="sensitive",
        metadata={"patient_number": "P-200", "patient_name": "赵六"},
    )  # fmt: skip
    assert told(opens(archive, number="P-200")) == {"he"}


@pytest.mark.promise("F4")
def test_the_hospitals_to_do_list_is_told_without_the_patient_and_asked_again_while_it_is_away(
    archive, patient, settings
):
    taken: list[tuple[dict[str, str], bytes]] = []

    class List(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), List)
    settings.TODO_WEBHOOK = f"http://127.0.0.1:{server.server_port}/todo"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        began = time.monotonic()
        opened = opens(archive)
        archive.work()
        assert time.monotonic() - began < A_MINUTE.total_seconds()
    finally:
        server.shutdown()
        server.server_close()
    assert {json.loads(body)["to"]["username"] for _head, body in taken} == {"gao", "head"}
    for head, body in taken:
        assert verify_text(archive_key().public_raw, body.decode(), head["X-Yidang-Signature"])
        assert "P-100" not in body.decode() and "王五" not in body.decode()
    assert not opened.notices.filter(posted_at=None).exists()


@pytest.mark.promise("F4")
def test_the_pages_open_within_ten_seconds_though_signing_is_broken(archive, patient):
    """Every question to a table of the approval fails; from signing in to the page's image nothing may need one."""

    def broken(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if "approval_" in str(sql):
            raise OperationalError("the parts that sign are broken")
        return execute(sql, params, many, context)

    browser = sign_in("sun")
    with connection.execute_wrapper(broken):
        began = time.monotonic()
        assert browser.get("/emergency/").status_code == 200
        asked = browser.post("/emergency/", {"record": "P-100", "reason": "胸痛抢救"}, REMOTE_ADDR="10.9.8.7")
        assert asked.status_code == 302
        assert patient.title in browser.get("/emergency/").content.decode()
        page = browser.get(f"/records/{patient.public_id}/documents/1/pages/1/?width=800")
        assert page.status_code == 200 and page["Content-Type"] == "image/jpeg"
        assert time.monotonic() - began < TEN_SECONDS
        assert browser.get(f"/records/{patient.public_id}/").status_code == 200
        assert archive.cast.client("wu").get("/emergency/").status_code == 200
    assert EmergencyAccess.objects.get().address == "10.9.8.7", "from any terminal, and from which one is kept"


@pytest.mark.slow
@pytest.mark.promise("F4")
def test_thirty_days_of_emergencies(archive, monkeypatch, patient):
    """Clinicians open, renew and give back at random for thirty days; reviewers sleep at weekends; nothing is left over."""
    random_ = random.Random(20261130)
    people = ["sun", "chen"]
    patients = [f"P-{number}" for number in range(100, 108)]
    rows(archive, patients[1:])
    start, now = clock.now(), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    reviewer, leader = archive.cast.actor("wu"), archive.cast.actor("zhou")
    late = 0
    while now < start + timedelta(days=30):
        now += timedelta(minutes=random_.randint(60, 400))
        actor = archive.cast.actor(random_.choice(people))
        opened = emergency.open_in_emergency(random_.choice(patients), reason="抢救会诊", actor=actor, now=now)
        assert sees(actor, opened.patient_number) == {"see", "view"}, "to look only"
        assert not opened.notices.filter(told_at__gt=opened.began_at + A_MINUTE).exists() and opened.notices.exists()
        for _turn in range(random_.randint(0, 9)):
            now += timedelta(minutes=random_.randint(10, 29))
            try:
                until = emergency.renew_emergency(opened, actor=actor, now=now)
            except WrongState:
                break
            assert until <= opened.began_at + emergency.LONGEST
        opened.refresh_from_db()
        if random_.random() < 0.3 and opened.ends_at > now:
            emergency.end_emergency(opened, actor=actor, now=now)
        elif opened.ends_at > now:
            now = opened.ends_at
        assert sees(actor, opened.patient_number) == set(), "it ended by itself"
        late += emergency.escalate_unreviewed(actor=SYSTEM, now=now)  # which the program does every five minutes
        if now.weekday() < 5:
            for one in emergency.to_review(reviewer)[: random_.randint(0, 3)]:
                verdict = "misuse" if random_.random() < 0.1 else "justified"
                emergency.review_emergency(one, verdict=verdict, note="已核对", actor=reviewer, now=now)
    now += timedelta(hours=25)
    emergency.escalate_unreviewed(actor=SYSTEM, now=now)
    for one in emergency.to_review(leader):
        emergency.review_emergency(one, verdict="justified", note="", actor=leader, now=now)
    every = EmergencyAccess.objects.all()
    assert every.count() > 60 and late > 0
    assert not every.filter(reviewed_at=None).exists(), "every one was reviewed"
    assert all(one.ends_at - one.began_at <= emergency.LONGEST for one in every)
    overdue = [one for one in every if one.reviewed_at > one.review_due_at]
    assert overdue and all(one.escalated_at for one in overdue), "what was late was passed on"
    assert Entry.objects.filter(event="access.emergency.opened").count() == every.count()
    assert Entry.objects.filter(event="access.emergency.told").count() == every.count()
    shown = {figure.username: figure for figure in emergency.figures(start + timedelta(days=30))}
    assert sum(figure.misuse for figure in shown.values()) == every.filter(verdict="misuse").count() > 0
    assert not Opening.objects.filter(original=True).exists()
    assert EmergencyNotice.objects.exclude(user__username__in=["gao", "head", "he"]).count() == 0


def rows(archive: Archive, patients: list[str]) -> None:
    """Medical records as rows alone."""
    of, now = RecordClass.objects.get(code="ZY·BA"), clock.now()
    Record.objects.bulk_create(
        Record(fonds=archive.fonds, record_class=of, title=f"病案 {number}", year=2026, retention="D30", level=2,
               patient_number=number, accession_number=f"E{number}", received_at=now, updated_at=now)
        for number in patients
    )  # fmt: skip


def sees(actor: Actor, patient: str) -> set[str]:
    """What the actor may do with all records of a patient."""
    found = set()
    for action in ("see", "view", "print", "copy", "describe", "accept"):
        try:
            if Record.objects.visible_to(actor, action).filter(patient_number=patient).exists():
                found.add(action)
        except YidangError as refused:
            raise AssertionError(action) from refused
    return found
