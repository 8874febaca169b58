"""Every use is in the register: those on screen by themselves, those at the counter and by phone in seconds."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.archive import Archive
from yidang.access import emergency, uses
from yidang.access.identity import check_digit, covered, is_card_number, read_number
from yidang.access.models import Use, UseReader
from yidang.audit.models import Entry, PersonalFacts
from yidang.audit.rows import check_rows
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.formats.tests import making
from yidang.permissions.actions import issue_grant

CARD = "11010519491231002X"  # the example of GB 11643
MEDICAL = {"patient_number": "P100", "patient_name": "李梅"}


@pytest.fixture
def rules(archive: Archive, tmp_path) -> Record:
    """Two pages that the whole hospital sees."""
    path = making.pdf(tmp_path / "a.pdf", [["第一页 管理办法"], ["第二页"]])
    return archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")


def registered(archive: Archive, by: str = "lin", **changed: object) -> Use:
    said: dict = {
        "came": uses.Came("张三", CARD, "市审计局", "13800000000"), "purpose": "inspection", "record": "",
        "asked": "", "result": "given", "actor": archive.cast.actor(by), "now": clock.now(),
    }  # fmt: skip
    return uses.register_use(str(changed.pop("kind", "counter")), **{**said, **changed})


@pytest.mark.promise("B2")
def test_a_use_written_down_by_hand_cannot_be_edited_or_removed_behind_the_program(archive, rules):
    called = registered(archive, kind="phone", asked="管理办法", result="waiting")
    uses.answer_use(
        called, result="given", answer="已告知", record=rules.code, actor=archive.cast.actor("lin"), now=clock.now()
    )
    shown = registered(archive, record=rules.code)
    assert [fault for fault in check_rows() if "use_by_hand" in str(fault.detail)] == []
    Use.objects.filter(pk=shown.pk).update(result="refused")
    UseReader.objects.filter(use=called).delete()
    Use.objects.filter(pk=called.pk).delete()
    assert sorted(fault.kind for fault in check_rows()) == ["row_edited", "row_missing"]


def test_the_numbers_of_cards_are_checked_and_covered():
    assert is_card_number(CARD) and read_number(" 11010519491231002x ") == CARD
    for wrong in ("110105194912310021", "11010519491331002X", "1101051949123100", CARD[:-1]):
        assert not is_card_number(wrong)
        with pytest.raises(InvalidInput):
            read_number(wrong)
    assert read_number("E12345678") == "E12345678"  # a passport
    assert covered(CARD) == "110*************2X" and check_digit(CARD[:17]) == "X"


@pytest.mark.parametrize("place", range(18))
def test_one_wrong_digit_of_a_card_is_found(place):
    other = "1" if CARD[place] != "1" else "2"
    assert not is_card_number(CARD[:place] + other + CARD[place + 1 :])


@pytest.mark.gbt39784("8.4-4")
def test_opening_printing_and_downloading_register_themselves(archive, rules):
    now, zhao = clock.now(), archive.cast.people["zhao"]
    issue_grant(
        zhao, rules.pk, record=str(rules.public_id), actions={"view", "print", "copy"}, until=now + timedelta(days=1),
        reason="审计", actor=archive.cast.actor("lin"), now=now,
    )  # fmt: skip
    browser = archive.cast.client("zhao")
    page = f"/records/{rules.public_id}/documents/1/"
    for address in ("pages/1/", "pages/2/", "pages/1/?width=320"):
        assert browser.get(page + address).status_code == 200
    browser.post(page + "print/", {"pages": "1", "copies": "1"})
    assert browser.get(page + "content/").status_code == 200
    found = Use.objects.filter(record=rules, user=zhao)
    assert sorted(found.values_list("kind", flat=True)) == ["original", "print", "screen"]
    assert set(found.values_list("visitor", "result")) == {(f"user:{zhao.pk}", "given")}


def test_the_first_page_pays_one_statement_for_the_register_and_further_pages_none(archive, rules):
    browser = archive.cast.client("zhao")
    with CaptureQueriesContext(
        connection,
    ) as first:
        browser.get(f"/records/{rules.public_id}/documents/1/pages/1/")
    with CaptureQueriesContext(connection) as second:
        browser.get(f"/records/{rules.public_id}/documents/1/pages/2/")
    assert sum("access_use" in query["sql"] for query in first) == 1
    assert not any("access_use" in query["sql"] for query in second)


def test_emergency_access_is_a_use_that_names_no_patient(archive):
    archive.file(
        "李梅 出院病历", of="ZY·BA", by="he", accepted=False, department="BA", security="sensitive", metadata=MEDICAL
    )
    emergency.open_in_emergency("P100", reason="夜班会诊需要", actor=archive.cast.actor("chen"), now=clock.now())
    use = Use.objects.get(kind="emergency")
    assert use.record is None and use.purpose == "care" and "夜班" not in use.why + use.asked


def test_the_counter_registers_in_one_form_and_says_how_long_it_took(archive, rules):
    browser = archive.cast.client("lin")
    form = browser.get("/uses/counter/").content.decode()
    began = form.split('name="began" value="')[1].split('"')[0]
    said = {
        "kind": "counter", "id_number": CARD.lower(), "name": "张三", "record": rules.code, "purpose": "inspection",
        "result": "given", "began": began,
    }  # fmt: skip
    assert browser.post("/uses/counter/", said).status_code == 302
    use = Use.objects.get()
    assert use.record == rules and use.seconds is not None and use.seconds < 20
    page = browser.get(f"/uses/{use.public_id}/").content.decode()
    assert "110*************2X" in page and CARD not in page
    assert CARD not in browser.get("/uses/").content.decode()
    entry = Entry.objects.get(event="access.use.registered")
    assert CARD not in entry.body and CARD in PersonalFacts.objects.get(entry_id=entry.seq).body


def test_what_is_wrong_is_said_beside_what_was_typed(archive, rules):
    browser = archive.cast.client("lin")
    answer = browser.post("/uses/counter/", {"kind": "counter", "id_number": "110105194912310021", "name": "张三"})
    assert answer.status_code == 422 and "110105194912310021" in answer.content.decode()
    assert not Use.objects.exists() and not UseReader.objects.exists()
    for changed in (
        {"came": uses.Came()}, {"purpose": "fun"}, {"result": "given"}, {"result": "gone", "asked": "x"},
        {"kind": "screen", "asked": "x", "result": "nothing"}, {"record": "没有这个档号"},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            registered(archive, **changed)


def test_a_call_waits_and_is_answered_once(archive, rules):
    call = registered(archive, kind="phone", result="waiting", asked="2019年设备验收报告", purpose="work")
    browser = archive.cast.client("lin")
    assert "2019年设备验收报告" in browser.get("/uses/?result=waiting").content.decode()
    answered = browser.post(f"/uses/{call.public_id}/", {"result": "given", "record": rules.code, "answer": "已调阅"})
    assert answered.status_code == 302
    call.refresh_from_db()
    assert call.result == "given" and call.record == rules and call.answered_at
    with pytest.raises(WrongState):
        uses.answer_use(call, result="nothing", answer="", record="", actor=archive.cast.actor("lin"), now=clock.now())


def test_where_the_image_serves_paper_leaves_only_with_a_reason(archive, rules):
    with pytest.raises(InvalidInput) as refused:
        registered(archive, record=rules.code, paper=True)
    assert refused.value.field == "paper_reason"
    registered(archive, record=rules.code, paper=True, paper_reason="法院要求核对原件印章")
    registered(archive, record=rules.code)
    page = archive.cast.client("lin").get("/uses/statistics/").content.decode()
    assert "50.0 %" in page


@pytest.mark.parametrize("username", ["zhao", "chen", "wu", "zhou", "xu", "sysadmin", "secadmin", "auditor"])
def test_only_keepers_register_and_read_of_others(archive, rules, username):
    use = registered(archive, record=rules.code)
    browser = archive.cast.client(username)
    assert browser.get("/uses/counter/").status_code == 403
    assert browser.post("/uses/counter/", {"kind": "counter"}).status_code == 403
    assert browser.get("/uses/statistics/").status_code == 403
    assert browser.get(f"/uses/{use.public_id}/").status_code == 404
    for form in ("", "?as=csv", "?as=xlsx"):
        answer = browser.get(f"/uses/{form}")
        assert "张三".encode() not in b"".join(answer) and answer.status_code == 200
    with pytest.raises(NotAllowed):
        registered(archive, by=username, record=rules.code)
    with pytest.raises(NotFound):
        uses.answer_use(
            use, result="nothing", answer="", record="", actor=archive.cast.actor(username), now=clock.now()
        )


@pytest.mark.gbt39784("8.2-5")
def test_the_records_clerk_reads_of_medical_records_alone_and_figures_agree_with_lists(archive, rules):
    medical = archive.file(
        "李梅 出院病历", of="ZY·BA", by="he", accepted=False, department="BA", security="sensitive", metadata=MEDICAL
    )
    registered(archive, record=rules.code)
    registered(archive, by="he", record=medical.accession_number, purpose="patient")
    clerk = archive.cast.client("he")
    assert "设备管理办法" not in clerk.get("/uses/").content.decode()
    figures = clerk.get("/uses/statistics/").content.decode()
    assert "patient" in figures and "inspection" not in figures
    links = [part.split('"')[0].replace("&amp;", "&") for part in figures.split('href="/uses/?')[1:]]
    assert links and all(
        clerk.get("/uses/?" + link).content.decode().count("data-list-keys") == 1 for link in links[:1]
    )


def test_a_code_that_one_does_not_see_is_answered_like_one_that_is_not_there(archive):
    hidden = archive.file("财务科内部通知", of="WS·XZ", by="xu")

    def told(named: str) -> str:
        with pytest.raises(InvalidInput) as refused:
            registered(archive, by="he", record=named)
        return str(refused.value.message).replace(named, "")

    assert not Record.objects.visible_to(archive.cast.actor("he")).filter(pk=hidden.pk).exists()
    assert told(hidden.code or hidden.accession_number) == told("没有这样的档号")


def test_exported_lists_run_no_formula_and_read_back_as_written(archive, rules):
    for text in ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx"):
        registered(
            archive,
            came=uses.Came(f"{text}张三".strip() if text != "\tx" else "=x"),
            asked=text + "查",
            result="nothing",
        )
    browser = archive.cast.client("lin")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(browser.get("/uses/?as=xlsx")))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert not any(str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells if cell.value)
    text = browser.get("/uses/?as=csv").content.decode("utf-8-sig")
    assert all(
        not part.lstrip('"').startswith(("=", "+", "@")) for line in text.splitlines() for part in line.split(",")
    )
    assert Entry.objects.filter(event="access.register.exported").count() == 2
