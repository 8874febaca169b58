"""Title, number, date and creator are proposed from the text, else from the name, and say where they stand."""

import pytest

from yidang.formats.propose import propose

LETTER = """仁和医院文件
仁医发〔2026〕12号
关于印发《医疗质量安全核心制度》的通知
各科室：
根据《医疗质量管理办法》（国卫医发〔2018〕8号）的要求，现将医疗质量核心制度印发给你们，医疗质量是生命线。
仁和医院
2026年3月5日
仁和医院办公室 2026年3月6日印发"""


def test_a_letter_with_a_red_head_is_understood():
    found = propose("扫描件001.pdf", LETTER)
    assert found["title"].value == "关于印发《医疗质量安全核心制度》的通知"
    assert found["title"].source == "body title"
    assert found["document_number"].value == "仁医发〔2026〕12号"
    assert found["date"].value == "2026-03-05"
    assert found["creator"].value == "仁和医院"


@pytest.mark.parametrize(
    "spelling",
    ["仁医发〔2026〕12号", "仁医发[2026]12号", "仁医发（2026）12号", "仁医发【2026】第12号", "仁医发 〔2026〕 12 号"],
)
def test_numbers_have_one_spelling(spelling):
    assert propose("a.pdf", f"{spelling}\n关于开会的通知")["document_number"].value == "仁医发〔2026〕12号"


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2026年3月5日", "2026-03-05"), ("二〇二六年三月五日", "2026-03-05"), ("二○二五年十二月三十一日", "2025-12-31"),
        ("2026-03-05", "2026-03-05"), ("2026.3.5", "2026-03-05"),
    ],
)  # fmt: skip
def test_dates_are_read_in_figures_and_characters(written, date):
    assert propose("a.pdf", f"关于开会的通知\n正文。\n院长办公室\n{written}")["date"].value == date


def test_a_day_that_is_not_in_the_calendar_is_not_proposed():
    assert "date" not in propose("a.pdf", "关于开会的通知\n2026年2月30日")


def test_the_name_helps_where_the_text_is_silent():
    found = propose("20260305 关于节假日值班安排的通知（定稿）.docx", "")
    assert found["title"].source == "file name"
    assert "值班安排的通知" in found["title"].value
    assert found["date"].value == "2026-03-05"


def test_a_title_cut_by_a_line_end_is_whole():
    text = "仁和医院文件\n仁医发〔2026〕3号\n关于进一步加强抗菌药物临床应用\n管理工作的通知\n各科室："
    assert propose("a.pdf", text)["title"].value == "关于进一步加强抗菌药物临床应用管理工作的通知"


def test_names_that_say_nothing_are_not_proposed():
    assert (
        "title" not in propose("IMG_0001.jpg", "")
        or propose("scan.pdf", "第一行文字内容")["title"].value == "第一行文字内容"
    )
