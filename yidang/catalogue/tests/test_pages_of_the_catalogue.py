"""The pages and the API of the catalogue: lists, the printed catalogue, the form of a description, and what they cost."""

import io

import openpyxl
import pytest

from tests.archive import Archive
from yidang.catalogue.models import Record


def test_a_class_shows_its_branch_and_its_years(archive):
    archive.file("二〇二五年度总结", date="2025-12-30")
    archive.file("党委会议纪要", of="WS·DQ", date="2026-01-08")
    text = archive.cast.client("lin").get("/catalogue/classes/WS/").content.decode()
    assert "二〇二五年度总结" in text and "党委会议纪要" in text
    narrowed = archive.cast.client("lin").get("/catalogue/classes/WS/?year=2025").content.decode()
    assert "二〇二五年度总结" in narrowed and "党委会议纪要" not in narrowed


@pytest.mark.parametrize("year", ["", "abc", "20255", "２０２５", "-1", "0000"])
def test_odd_years_are_taken_for_none(archive, year):
    assert archive.cast.client("lin").get(f"/catalogue/classes/WS/?year={year}").status_code == 200


@pytest.mark.parametrize("chosen", ["9" * 30, "x", "１", ""])
def test_odd_choices_for_a_volume_choose_nothing(archive, chosen):
    answer = archive.cast.client("lin").post(
        "/catalogue/classes/KJ·KY/volumes/", {"selected": [chosen], "title": "案卷"}
    )
    assert answer.status_code == 302 and not Record.objects.exists()


def test_a_class_that_is_not_there_is_not_found(archive):
    assert archive.cast.client("lin").get("/catalogue/classes/XX/").status_code == 404


@pytest.mark.gbt39784("6.2-1", "8.1-4")
def test_the_printed_catalogue_has_the_columns_of_the_standard(archive):
    archive.file("二〇二六年度计划", date="2026-01-08", document_number="仁和〔2026〕1号", creator="仁和医院")
    text = archive.cast.client("lin").get("/catalogue/classes/WS·XZ/print/?year=2026").content.decode()
    for word in (
        "序号",
        "档号",
        "文号",
        "责任者",
        "题名",
        "日期",
        "密级",
        "页数",
        "备注",
        "仁和〔2026〕1号",
        "Y012-WS·XZ·2026-D30-YB-0001",
    ):
        assert word in text, word


@pytest.mark.promise("G7")
def test_the_spreadsheet_holds_what_the_table_shows(archive):
    archive.file('=HYPERLINK("http://x")', date="2026-01-08")
    answer = archive.cast.client("lin").get("/catalogue/classes/WS·XZ/?as=xlsx")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [cell for row in sheet.values for cell in row if cell and "HYPERLINK" in str(cell)]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row), "a title is text, never a formula"


@pytest.mark.gbt39784("5.3-5", "6.2-2")
def test_the_form_offers_what_is_open_and_refuses_what_is_locked(archive):
    record = archive.file("设备采购管理办法")
    browser, place = archive.cast.client("lin"), f"/catalogue/records/{record.public_id}/description/"
    text = browser.get(place).content.decode()
    assert 'name="keywords"' in text and 'name="title"' not in text
    answer = browser.post(place, {"title": "改掉的题名", "keywords": "采购、设备", "description": "摘要"})
    assert answer.status_code in {302, 200}
    record.refresh_from_db()
    assert (record.title, record.keywords, record.description) == ("设备采购管理办法", ["采购", "设备"], "摘要")


def test_before_acceptance_the_title_can_be_mended_and_an_empty_one_stays_in_the_form(archive):
    record = archive.file("设备采购管理办法", accepted=False)
    browser, place = archive.cast.client("lin"), f"/catalogue/records/{record.public_id}/description/"
    answer = browser.post(place, {"title": " ", "keywords": "采购", "description": "不要丢"})
    assert answer.status_code == 422 and "不要丢" in answer.content.decode()
    browser.post(place, {"title": "设备采购管理办法（试行）", "keywords": "", "description": ""})
    record.refresh_from_db()
    assert record.title == "设备采购管理办法（试行）"


@pytest.mark.parametrize("who", ["xu", "zhao"])
def test_who_keeps_no_branch_describes_nothing(archive, who):
    record = archive.file("设备采购管理办法", of="WS·GZ")
    place = f"/catalogue/records/{record.public_id}/description/"
    assert archive.cast.client(who).get(place).status_code == 403
    assert archive.cast.client(who).post(place, {"keywords": "a"}).status_code == 403


@pytest.mark.gbt39784("6.1-2")
def test_a_year_is_arranged_on_its_page(archive):
    archive.file("后来的", date="2026-03-05")
    archive.file("先前的", date="2026-01-05")
    browser = archive.cast.client("lin")
    assert "整理本年度" in browser.get("/catalogue/classes/WS·XZ/?year=2026").content.decode()
    answer = browser.post("/catalogue/classes/WS·XZ/arrangement/", {"year": "2026"})
    assert answer.status_code == 302
    codes = dict(Record.objects.values_list("title", "code"))
    assert codes == {"先前的": "Y012-WS·XZ·2026-D30-YB-0001", "后来的": "Y012-WS·XZ·2026-D30-YB-0002"}
    assert "整理本年度" not in browser.get("/catalogue/classes/WS·XZ/?year=2026").content.decode()


def test_a_year_in_which_something_waits_is_refused_in_words(archive):
    archive.file("等着的", date="2026-03-05", accepted=False)
    answer = archive.cast.client("lin").post("/catalogue/classes/WS·XZ/arrangement/", {"year": "2026"}, follow=True)
    assert "等待验收" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=x", "limit"),
        ("year=20x6", "year"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-03-05T09:00:00", "updated_since"),
        ("cursor=%00", ""),
    ],
)
def test_the_api_refuses_odd_questions_in_words(archive, client, query, field):
    bearer = f"Bearer {archive.cast.token('lin', 'records')}"
    answer = client.get(f"/api/v1/records?{query}", HTTP_AUTHORIZATION=bearer)
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json", answer.content
    assert answer.json().get("field", "") == field or not field


def test_the_api_needs_its_scope(archive, client):
    bearer = f"Bearer {archive.cast.token('lin', 'filing')}"
    for place in ("records", "classes", "retention-rules"):
        assert client.get(f"/api/v1/{place}", HTTP_AUTHORIZATION=bearer).status_code == 403, place


def test_a_list_is_walked_by_its_cursor_without_gaps_or_repeats(archive, client):
    titles = {archive.file().title for _record in range(5)}
    bearer = f"Bearer {archive.cast.token('lin', 'records')}"
    walked, cursor = [], ""
    for _page in range(10):
        answer = client.get("/api/v1/records", {"limit": "2", "cursor": cursor}, HTTP_AUTHORIZATION=bearer).json()
        walked += [item["title"] for item in answer["items"]]
        cursor = answer.get("next") or ""
        if not cursor:
            break
    assert len(walked) == 5 and set(walked) == titles


@pytest.mark.parametrize(
    ("who", "address", "most"),
    [
        ("lin", "/catalogue/classes/WS/", 26),
        ("zhao", "/catalogue/classes/WS/", 26),
        ("lin", "/catalogue/", 24),
        ("lin", "/catalogue/classes/WS/?as=xlsx", 19),
    ],
)
def test_a_page_asks_the_database_as_often_for_many_records_as_for_few(
    archive: Archive, django_assert_max_num_queries, who, address, most
):
    archive.file(of="WS·GZ")
    browser = archive.cast.client(who)
    browser.get(address)
    for _more in range(4):
        archive.file(of="WS·GZ")
        archive.file(of="WS·YL")
    with django_assert_max_num_queries(most):
        assert browser.get(address).status_code == 200


@pytest.mark.parametrize(("address", "most"), [("/api/v1/records", 15), ("/api/v1/records?class=WS&limit=200", 15)])
def test_a_list_of_the_api_costs_the_same_at_any_length(archive, client, django_assert_max_num_queries, address, most):
    for _record in range(4):
        archive.file(of="WS·GZ")
    bearer = f"Bearer {archive.cast.token('lin', 'records')}"
    client.get(address, HTTP_AUTHORIZATION=bearer)
    with django_assert_max_num_queries(most):
        assert len(client.get(address, HTTP_AUTHORIZATION=bearer).json()["items"]) == 4
