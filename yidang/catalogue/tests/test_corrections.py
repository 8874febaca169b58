"""An archived record's description changes by a signed correction alone, with what stood there before kept."""

import json

import pytest

from tests.archive import Archive
from yidang import vault
from yidang.approval import actions as approval
from yidang.approval.models import Case
from yidang.audit.models import Entry
from yidang.catalogue import actions
from yidang.catalogue.actions import correcting
from yidang.catalogue.models import Correction, Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState


@pytest.fixture
def record(archive: Archive) -> Record:
    return archive.file("设备科关于采购的通知", of="WS·XZ", by="xu")


def proposed(archive: Archive, record: Record, by: str = "xu", **values) -> Correction:
    said = values or {"title": "设备科关于CT采购的通知"}
    return correcting.propose_correction(
        record, said, reason="原题名漏字，见发文原件", actor=archive.cast.actor(by), now=clock.now()
    )


def sign_all(archive: Archive, case: Case, choice: str = "approve") -> None:
    case.refresh_from_db()
    while case.state == "waiting":
        seat = case.seats.filter(step=case.step).first()
        approval.decide(
            case.pk, choice=choice, actor=archive.cast.actor(seat.signer.username), now=clock.now(), step=case.step,
            note="已核对", confirmed=True,
        )  # fmt: skip
        case.refresh_from_db()


@pytest.mark.gbt39784("5.3-5")
def test_a_signed_correction_changes_the_record_and_keeps_what_stood_there(archive, record):
    with pytest.raises(WrongState):
        actions.describe_record(record, {"title": "别的"}, actor=archive.cast.actor("lin"), now=clock.now())
    made = proposed(archive, record)
    record.refresh_from_db()
    assert record.title == "设备科关于采购的通知" and made.state == "waiting", "nothing changes before the signatures"
    assert len(made.case.route.steps) == 2
    sign_all(archive, made.case)
    record.refresh_from_db()
    made.refresh_from_db()
    assert record.title == "设备科关于CT采购的通知" and made.state == "applied"
    assert made.before == {"title": "设备科关于采购的通知"} and made.after == {"title": "设备科关于CT采购的通知"}
    archive.work()
    kept = json.loads(vault.open_file(record.object_id, "record.json").read())
    assert kept["title"] == "设备科关于CT采购的通知"
    entry = Entry.objects.get(event="catalogue.record.corrected")
    assert entry.target == str(record.public_id) and made.number in entry.body
    shown = archive.cast.client("lin").get(f"/records/{record.public_id}/").content.decode()
    assert made.number in shown


def test_a_refused_or_returned_one_changes_nothing_and_can_be_proposed_anew(archive, record):
    for choice, state in (("refuse", "refused"), ("return", "returned")):
        made = proposed(archive, record)
        with pytest.raises(WrongState):
            proposed(archive, record, title="第二个")
        sign_all(archive, made.case, choice)
        made.refresh_from_db()
        record.refresh_from_db()
        assert made.state == state and record.title == "设备科关于采购的通知"
    made = proposed(archive, record)
    with pytest.raises(NotFound):
        correcting.withdraw_correction(made, actor=archive.cast.actor("lin"), now=clock.now())
    correcting.withdraw_correction(made, actor=archive.cast.actor("xu"), now=clock.now())
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_what_was_overtaken_is_not_applied(archive, record):
    made = proposed(archive, record, keywords=["采购"])
    actions.describe_record(record, {"keywords": ["设备"]}, actor=archive.cast.actor("lin"), now=clock.now())
    with pytest.raises(WrongState):
        sign_all(archive, made.case)
    record.refresh_from_db()
    made.refresh_from_db()
    assert record.keywords == ["设备"] and made.state == "waiting"


def test_only_keepers_and_the_department_propose_and_strangers_learn_nothing(archive, record):
    address = f"/catalogue/records/{record.public_id}/correct/"
    made = proposed(archive, record)
    page = f"/catalogue/corrections/{made.public_id}/"
    signers = set(Case.objects.get(pk=made.case_id).seats.values_list("signer__username", flat=True))
    for username in ("zhao", "chen", "sysadmin", "secadmin", "auditor"):
        browser = archive.cast.client(username)
        assert browser.get(address).status_code in (403, 404)
        assert username in signers or browser.get(page).status_code == 404
        with pytest.raises((NotAllowed, NotFound)):
            proposed(archive, record, by=username)
    for username in ("xu", "lin"):
        browser = archive.cast.client(username)
        assert browser.get(address).status_code == 200
        shown = browser.get(page).content.decode()
        assert "设备科关于采购的通知" in shown and "设备科关于CT采购的通知" in shown


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(archive, record):
    browser, address = archive.cast.client("xu"), f"/catalogue/records/{record.public_id}/correct/"
    fields = {"title": "新题名", "document_number": "", "creator": record.creator, "date": record.date}
    answer = browser.post(address, {**fields, "reason": ""})
    assert answer.status_code == 422 and "新题名" in answer.content.decode()
    assert browser.post(address, {**fields, "title": "", "reason": "漏字"}).status_code == 422
    sent = browser.post(address, {**fields, "reason": "漏字"})
    assert sent.status_code == 302
    made = Correction.objects.get()
    assert set(made.after) == {"title"}
    screen = archive.cast.client(made.case.seats.first().signer.username).get(f"/signing/{made.case.public_id}/")
    assert "新题名" in screen.content.decode() and record.title in screen.content.decode()


def test_a_record_that_is_not_archived_is_described_not_corrected(archive):
    fresh = archive.file("尚未归档的通知", of="WS·XZ", by="xu", accepted=False)
    with pytest.raises(NotAllowed):
        proposed(archive, fresh)
    archive.accept(archive.submissions[fresh.pk])
    fresh.refresh_from_db()
    with pytest.raises(InvalidInput):
        proposed(archive, fresh, title=fresh.title)
