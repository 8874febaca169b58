"""The form of a description with its scheme's fields; the scheme's page; the approval of the schedule."""

import pytest

from tests.cast import Cast
from yidang.catalogue.models import Fonds, RetentionSchedule
from yidang.catalogue.tests.drafting import keep, make_draft

PATIENT = {"patient_number": "ZY001234", "patient_name": "李某某"}


@pytest.mark.gbt39784("11.1-1")
def test_the_schemes_fields_are_in_the_form_and_are_kept(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft("ZY·BA", metadata=PATIENT, patient_number="ZY001234"))
    browser, place = cast.client("he"), f"/catalogue/records/{record.public_id}/description/"
    assert 'name="m-diagnosis_code"' in browser.get(place).content.decode()
    typed = {
        "title": "李某某住院病历",
        "date": "2026-03",
        "m-patient_number": "ZY001234",
        "m-patient_name": "李某某",
        "m-sex": "male",
    }
    assert browser.post(place, typed).status_code == 302
    record.refresh_from_db()
    assert (record.title, record.date, record.metadata) == ("李某某住院病历", "2026-03", {**PATIENT, "sex": "male"})


def test_every_fault_is_said_and_what_was_typed_stays(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft("ZY·BA", metadata=PATIENT, patient_number="ZY001234"))
    typed = {
        "title": "长" * 1001,
        "date": "2026-02-30",
        "m-patient_number": "ZY001234",
        "m-patient_name": "",
        "m-diagnosis_code": "高血压",
    }
    answer = cast.client("he").post(f"/catalogue/records/{record.public_id}/description/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "1000" in text and "2026-02-30" in text and "患者姓名" in text and 'value="高血压"' in text
    record.refresh_from_db()
    assert record.metadata == PATIENT and record.title != typed["title"]


def test_fields_that_were_not_sent_stay(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft(creator="院长办公室", metadata={"urgency": "urgent"}))
    cast.client("lin").post(f"/catalogue/records/{record.public_id}/description/", {"keywords": "制度，档案"})
    record.refresh_from_db()
    assert (record.creator, record.metadata, record.keywords) == ("院长办公室", {"urgency": "urgent"}, ["制度", "档案"])


@pytest.mark.gbt39784("11.3-1")
def test_the_scheme_of_a_class_is_shown(cast: Cast, fonds: Fonds) -> None:
    text = cast.client("zhao").get("/catalogue/classes/WS·XZ/scheme/").content.decode()
    assert "紧急程度" in text and "特急" in text and "urgency" in text
    assert cast.client("lin").get("/catalogue/classes/KJ/scheme/").status_code == 200
    assert cast.client("auditor").get("/catalogue/classes/WS/scheme/").status_code == 404


@pytest.mark.gbt39784("9.1-4", "9.1-5")
def test_the_approval_of_the_schedule_is_entered_once(cast: Cast, fonds: Fonds, trail) -> None:
    browser, place = cast.client("lin"), "/catalogue/schedule/approval/"
    for typed in (
        {"approved_on": "2026-02-30", "approval": "市档案局"},
        {"approved_on": "2026", "approval": "市档案局"},
        {"approved_on": "2999-01-01", "approval": "市档案局"},
        {"approved_on": "2026-01-05", "approval": " "},
    ):
        assert browser.post(place, typed).status_code == 422
    assert RetentionSchedule.objects.get().status == "draft_not_approved"
    typed = {"approved_on": "2026-01-05", "approval": "市档案局 档审〔2026〕3号"}
    assert browser.post(place, typed).status_code == 302
    assert "档审〔2026〕3号" in browser.get("/catalogue/schedule/").content.decode()
    assert trail(event="catalogue.schedule.approved").count() == 1
    assert browser.post(place, typed).status_code == 409


@pytest.mark.parametrize(("username", "status"), [("xu", 403), ("zhou", 403), ("secadmin", 404)])
def test_others_enter_no_approval(cast: Cast, fonds: Fonds, username: str, status: int) -> None:
    answer = cast.client(username).post("/catalogue/schedule/approval/", {"approved_on": "2026-01-05", "approval": "x"})
    assert answer.status_code == status
