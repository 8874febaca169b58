"""A clinician opens one patient's records now, with a reason, for minutes, to look only; somebody reviews it."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang.access import emergency
from yidang.access.models import EmergencyAccess
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState

SYSTEM = Actor.system("access")


@pytest.fixture
def patient(archive: Archive) -> Record:
    """A medical record of a patient whom chen does not treat."""
    return archive.file(
        "住院病案 王五", by="he", of="ZY·BA", accepted=False, department="BA", security="sensitive",
        metadata={"patient_number": "P-100", "patient_name": "王五"},
    )  # fmt: skip


@pytest.fixture
def opened(archive: Archive, patient: Record) -> EmergencyAccess:
    return emergency.open_in_emergency(
        patient.patient_number, reason="胸痛抢救", actor=archive.cast.actor("chen"), now=clock.now()
    )


def sees(archive: Archive, record: Record, action: str = "view") -> bool:
    return Record.objects.visible_to(archive.cast.actor("chen"), action).filter(pk=record.pk).exists()


@pytest.mark.promise("F4")
def test_it_opens_this_patients_pages_at_once_and_ends_by_itself(archive, patient, monkeypatch):
    assert not sees(archive, patient)
    browser = archive.cast.client("chen")
    answer = browser.post("/emergency/", {"record": patient.patient_number, "reason": "胸痛抢救"})
    assert answer.status_code == 302
    assert patient.title in browser.get("/emergency/").content.decode()
    page = f"/records/{patient.public_id}/documents/1/pages/1/?width=320"
    assert browser.get(page).status_code == 200
    entry = Entry.objects.get(event="access.emergency.opened")
    assert "P-100" not in entry.body, "who the patient is stands beside the chain"
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not sees(archive, patient)


@pytest.mark.promise("F4")
def test_nothing_leaves_by_it_and_no_other_patient_opens(archive, patient, opened):
    other = archive.file(
        "住院病案 赵六", by="he", of="ZY·BA", accepted=False, department="BA", security="sensitive",
        metadata={"patient_number": "P-200", "patient_name": "赵六"},
    )  # fmt: skip
    assert sees(archive, patient) and not sees(archive, other, "see")
    assert not sees(archive, patient, "copy") and not sees(archive, patient, "print")
    browser = archive.cast.client("chen")
    assert browser.get(f"/records/{patient.public_id}/documents/1/content/").status_code == 403
    assert browser.get(f"/records/{patient.public_id}/documents/1/print/").status_code == 403


def test_only_clinicians_with_a_reason_open_what_is_a_medical_record(archive, patient):
    now, chen = clock.now(), archive.cast.actor("chen")
    for username in ("zhao", "wu", "secadmin", "xu"):
        with pytest.raises(NotAllowed):
            emergency.open_in_emergency("P-100", reason="胸痛抢救", actor=archive.cast.actor(username), now=now)
    for reason in ("", "   ", "急"):
        with pytest.raises(InvalidInput):
            emergency.open_in_emergency("P-100", reason=reason, actor=chen, now=now)
    letter = archive.file(accepted=False)
    for named in ("", "P-999", str(letter.public_id), letter.accession_number):
        with pytest.raises(NotFound):
            emergency.open_in_emergency(named, reason="胸痛抢救", actor=chen, now=now)
    assert not EmergencyAccess.objects.exists()


def test_asking_twice_is_one_access(archive, patient, opened):
    again = emergency.open_in_emergency(
        str(patient.public_id), reason="再次点击", actor=archive.cast.actor("chen"), now=clock.now()
    )
    assert again.pk == opened.pk


@pytest.mark.promise("F4")
def test_it_is_made_longer_up_to_four_hours(archive, opened):
    chen, now = archive.cast.actor("chen"), opened.began_at
    with pytest.raises(NotFound):
        emergency.renew_emergency(opened, actor=archive.cast.actor("wu"), now=now + timedelta(minutes=5))
    until = now
    for _turn in range(9):
        now += timedelta(minutes=28)
        until = emergency.renew_emergency(opened, actor=chen, now=now)
        if until == opened.began_at + timedelta(hours=4):
            break
    assert until == opened.began_at + timedelta(hours=4)
    with pytest.raises(WrongState):
        emergency.renew_emergency(opened, actor=chen, now=until - timedelta(minutes=1))


def test_what_has_ended_is_not_made_longer(archive, opened):
    with pytest.raises(WrongState):
        emergency.renew_emergency(opened, actor=archive.cast.actor("chen"), now=opened.ends_at)


def test_it_can_be_given_back(archive, patient, opened):
    answer = archive.cast.client("chen").post(f"/emergency/{opened.public_id}/end/")
    assert answer.status_code == 302 and not sees(archive, patient)


@pytest.mark.promise("F4")
def test_the_medical_affairs_office_reviews_and_misuse_ends_it(archive, patient, opened):
    wu = archive.cast.client("wu")
    assert "胸痛抢救" in wu.get("/emergency/").content.decode()
    for username in ("lin", "chen", "zhou"):
        assert archive.cast.client(username).post(
            f"/emergency/{opened.public_id}/review/", {"verdict": "justified"}
        ).status_code == 403  # fmt: skip
    assert wu.post(f"/emergency/{opened.public_id}/review/", {"verdict": "misuse"}).status_code == 422
    done = wu.post(f"/emergency/{opened.public_id}/review/", {"verdict": "misuse", "note": "非值班"})
    assert done.status_code == 302 and not sees(archive, patient)
    assert wu.post(f"/emergency/{opened.public_id}/review/", {"verdict": "justified"}).status_code == 409
    [figure] = emergency.figures(clock.now())
    assert (figure.username, figure.opened, figure.misuse, figure.unreviewed) == ("chen", 1, 1, 0)


@pytest.mark.promise("F4")
def test_what_nobody_reviewed_in_a_day_is_passed_on_to_the_leaders_once(archive, opened):
    zhou, due = archive.cast.actor("zhou"), opened.review_due_at
    assert emergency.escalate_unreviewed(actor=SYSTEM, now=due - timedelta(seconds=1)) == 0
    assert emergency.waiting_for(zhou) == 0
    assert emergency.escalate_unreviewed(actor=SYSTEM, now=due) == 1
    assert emergency.escalate_unreviewed(actor=SYSTEM, now=due) == 0
    assert emergency.waiting_for(zhou) == 1
    opened.refresh_from_db()
    emergency.review_emergency(opened, verdict="justified", note="", actor=zhou, now=due)
    assert emergency.waiting_for(zhou) == 0


def test_the_api_opens_in_an_emergency_too(archive, patient):
    token = archive.cast.token("chen", "records")
    browser = archive.cast.client("chen").__class__()
    answer = browser.post(
        "/api/v1/emergency-access", {"record": str(patient.public_id), "reason": "胸痛抢救"},
        content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}",
    )  # fmt: skip
    assert answer.status_code == 201 and answer.json()["actions"] == ["view"]


def test_it_leans_on_no_signatures():
    """It must work when the parts that sign do not."""
    import inspect

    assert "approval" not in inspect.getsource(emergency)
