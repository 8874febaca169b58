"""Document numbers in any spelling, codes by their beginnings, names by pinyin."""

import pytest

from yidang.people.models import DepartmentName
from yidang.search.asking import Query
from yidang.search.indexing import index_once
from yidang.search.numbers import number_keys
from yidang.search.queries import search


def found(stage, text, who="lin"):
    return {hit.record.pk for hit in search(stage.actor(who), Query(text)).hits}


@pytest.mark.gbt39784("8.1-3")
@pytest.mark.parametrize(
    "asked",
    [
        "〔2026〕12号",
        "[2026]12",
        "2026-12",
        "仁医发〔2026〕12号",
        "仁医发2026年12号",
        "仁医发 [2026] 12 号",
        "（2026）12号",
        "【2026】012号",
        "仁医发〔2026〕第12号",
    ],
)
@pytest.mark.parametrize("kept", ["仁医发〔2026〕12号", "仁医发[2026]12号", "仁医发2026年第12号", "仁醫發﹝2026﹞12號"])
def test_every_spelling_of_a_document_number_finds_every_other(stage, asked, kept):
    record = stage.record("关于印发制度的通知", document_number=kept)
    stage.record("关于印发制度的通知", document_number="仁医发〔2026〕123号")
    stage.record("关于印发制度的通知", document_number="仁医发〔2025〕12号")
    index_once()
    assert next(iter(search(stage.actor("lin"), Query(asked)).hits)).record.pk == record.pk
    if "号" in asked or asked == "2026-12":
        assert found(stage, asked) == {record.pk}


def test_a_date_is_not_a_document_number():
    assert number_keys("2026-03-05", whole=True) == []
    assert number_keys("2026年3月", whole=True) == []


@pytest.mark.parametrize(
    "asked",
    ["Y012-WS·2026", "y012-ws-2026", "Y012.WS.2026-D30", "y012ws2026", "Y012-WS·2026-D30-0007", "Y012–WS・2026"],
)
def test_codes_are_found_by_their_beginnings_with_any_separators(stage, asked):
    record = stage.record("通知", code="Y012-WS·2026-D30-0007")
    stage.record("通知", code="Y012-KJ·2026-D30-0007")
    index_once()
    assert found(stage, asked) == {record.pk}


def test_accession_and_patient_numbers_are_found(stage):
    record = stage.record("住院病案", patient_number="ZY00420017", of="WS")
    index_once()
    assert (
        found(stage, "ZY00420017")
        == found(stage, record.accession_number)
        == found(stage, "病案号:ZY00420017")
        == {record.pk}
    )


@pytest.mark.gbt39784("8.1-3")
def test_titles_and_names_are_found_by_pinyin_and_initials(stage):
    titled = stage.record("档案管理办法")
    named = stage.record("人事任免", parties=["单志强"])
    index_once()
    for asked in ["danganguanli", "dangan", "dagl", "daglbf", "拼音:dagl", "guanlibanfa"]:
        assert found(stage, asked) == {titled.pk}, asked
    for asked in ["shanzhiqiang", "szq", "shanzhiq"]:
        assert found(stage, asked) == {named.pk}, asked


def test_letters_that_stand_in_a_text_are_not_read_as_pinyin(stage):
    text = stage.record("影像报告", pages=["CT 平扫"])
    stage.record("床头卡制度")  # c t are its initials
    index_once()
    assert found(stage, "CT") == {text.pk}


def test_a_renamed_department_finds_what_it_made_under_its_old_name(stage):
    record = stage.record("科研立项", department="CW", creator="财务科")
    index_once()
    DepartmentName.objects.filter(zh="财务科").update(valid_until="2023-12-31")
    DepartmentName.objects.create(department=stage.departments["CW"], zh="财务处", valid_from="2024-01-01")
    assert found(stage, "财务处") == {record.pk}
