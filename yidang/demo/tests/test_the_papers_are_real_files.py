"""Every kind of file that the demonstration makes opens in a reader that is not ours, and says what it should."""

import io
import random
import wave
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import openpyxl
import pikepdf
import pypdfium2
import pytest
from defusedxml import ElementTree
from docx import Document
from PIL import Image

from yidang.demo.filings.finance import invoice
from yidang.demo.handover import Stage
from yidang.demo.papers import cda, drawings, fonts, ofd, ooxml, pdf, pictures, plain, sheets, sound
from yidang.demo.papers.paper import Paper, Table, capital_amount, wrap
from yidang.demo.spoilt import eicar, spoilt
from yidang.demo.story import handover

PAPER = Paper(
    "关于加强病历书写质量管理的通知",
    ("一、入院记录须于患者入院后二十四小时内完成。", "二、出院病历应在两个工作日内归档。" * 60),
    issuer="仁和医院文件",
    number="仁医发〔2026〕12号",
    addressee="院属各科室：",
    signer="仁和医院",
    day=date(2026, 3, 5),
    tables=(Table(("科室", "归档率"), (("心血管内科", "99%"), ("骨科", "97%"))),),
)


def _text(content: bytes) -> str:
    book = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in book)


@pytest.mark.parametrize("write", [pdf.official, pdf.plain])
def test_a_pdf_opens_holds_its_text_and_embeds_its_font(write) -> None:
    content = write(PAPER)
    text = _text(content).replace("\r\n", "")
    assert "关于加强病历书写质量管理的通知" in text
    assert "仁医发〔2026〕12号" in text
    assert "心血管内科" in text
    with pikepdf.open(io.BytesIO(content)) as book:
        resources = [
            font
            for page in book.pages
            for font in page.Resources.Font.values()
            if "YidangDemoSong" in str(font.BaseFont)
        ]
        assert resources
        assert all("/FontFile2" in font.FontDescriptor for font in resources)


def test_an_official_paper_has_a_red_head() -> None:
    page = pypdfium2.PdfDocument(pdf.official(PAPER))[0].render(scale=1).to_pil().convert("RGB")
    red = sum(
        1 for r, g, b in page.crop((0, 80, page.width, 160)).get_flattened_data() if r > 180 and g < 60 and b < 60
    )
    assert red > 500


def test_word_files_open_in_another_reader() -> None:
    book = Document(io.BytesIO(ooxml.docx(PAPER)))
    assert book.paragraphs[0].text == PAPER.title
    assert book.tables[0].rows[1].cells[0].text == "心血管内科"


def test_excel_files_open_with_numbers_and_sums() -> None:
    content = sheets.xlsx("预算", ("科目", "金额"), [("药品费", 12.5), ("材料费", 7.5)], total=True)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["B3"].value == 12.5
    assert sheet["B5"].value == 20


def test_ofd_files_have_the_parts_of_the_standard() -> None:
    with zipfile.ZipFile(io.BytesIO(ofd.ofd(PAPER, document_id="0" * 32))) as archive:
        root = ElementTree.fromstring(archive.read("OFD.xml"))
        assert root.tag.endswith("OFD")
        pages = [name for name in archive.namelist() if name.endswith("Content.xml")]
        texts = "".join(
            node.text
            for name in pages
            for node in ElementTree.fromstring(archive.read(name)).iter()
            if node.tag.endswith("TextCode")
        )
    assert len(pages) == 2
    assert "仁医发〔2026〕12号" in texts


def test_an_invoice_states_its_amount_in_capitals() -> None:
    with zipfile.ZipFile(
        io.BytesIO(invoice(random.Random(1), date(2026, 1, 5), 1203450, "康泰源医疗器械有限公司"))
    ) as archive:
        assert capital_amount(1203450) in archive.read("Doc_0/Pages/Page_0/Content.xml").decode()


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (5, "零元零伍分"),
        (100, "壹元整"),
        (1001000, "壹万零壹拾元整"),
        (100000000, "壹佰万元整"),
        (10000000100, "壹亿零壹元整"),
        (250, "贰元伍角整"),
    ],
)
def test_amounts_in_capitals(cents: int, words: str) -> None:
    assert capital_amount(cents) == words


def test_a_clinical_document_is_well_formed() -> None:
    content = cda.document(
        kind="出院小结", patient_number="00100038", name="某<某>", sex="女", born=date(1950, 1, 2), day=date(2026, 1, 2), author="陈思远",
        sections=[("出院医嘱", "低盐 & 低脂")], document_id="1",
    )  # fmt: skip
    root = ElementTree.fromstring(content)
    assert root.tag == "{urn:hl7-org:v3}ClinicalDocument"
    assert "低盐 & 低脂" in "".join(root.itertext())


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_a_scan_is_a_page_with_ink(format: str) -> None:
    image = Image.open(io.BytesIO(pictures.scan(PAPER, random.Random(3), format=format)))
    assert image.format == format
    dark = sum(image.convert("L").histogram()[:110])
    assert dark > 3000


def test_long_papers_become_several_scanned_pages() -> None:
    assert len(pypdfium2.PdfDocument(pictures.scanned_book(PAPER, random.Random(3)))) == 2
    assert Image.open(io.BytesIO(pictures.scanned_tiff(PAPER, random.Random(3)))).n_frames == 2


def test_a_photograph_says_when_and_by_whom() -> None:
    image = Image.open(
        io.BytesIO(
            pictures.photo("护士节", random.Random(1), taken=datetime(2025, 5, 12, 9, 30, tzinfo=UTC), by="许芳")
        )
    )
    assert image.getexif()[0x0132] == "2025:05:12 09:30:00"


def test_recordings_drawings_and_messages_open() -> None:
    with wave.open(io.BytesIO(sound.recording(random.Random(1)))) as recording:
        assert recording.getnframes() == 24000
    assert "标准层平面图" in _text(drawings.floor_plan("标准层平面图", random.Random(1), number="JS-01"))
    message = message_from_bytes(
        plain.mail(
            PAPER, sender="a@renhe.example", recipients="b@renhe.example", sent=datetime(2026, 1, 5, tzinfo=UTC)
        ),
        policy=default,
    )
    assert message["Subject"] == PAPER.title
    assert "两个工作日" in message.get_content()


def test_older_texts_are_written_in_gb18030() -> None:
    assert PAPER.title in plain.text(PAPER, encoding="gb18030").decode("gb18030")


def test_no_line_begins_with_closing_punctuation() -> None:
    lines = wrap("一二三四五，六七八九十。" * 9, 5)
    assert "".join(lines) == "一二三四五，六七八九十。" * 9
    assert not [line for line in lines if line[0] in "，。"]


def _written() -> Iterator[str]:
    stage = Stage(2026, 300)
    for place in range(0, 300):
        made = handover(stage, place)
        yield made.title + made.description + made.creator
    for path in Path(fonts.__file__).parents[1].rglob("*.py"):
        if "tests" not in path.parts:
            yield path.read_text(encoding="utf-8")


def test_the_shipped_font_has_every_character_of_the_papers() -> None:
    from reportlab.pdfbase.ttfonts import TTFont

    known = TTFont("check", str(fonts.FILE)).face.charToGlyph
    missing = {char for text in _written() for char in text if char not in "\n\r" and ord(char) not in known}
    assert not missing, "run tools/demo_font.py"


def test_what_fails_fails_for_the_reason_that_is_meant() -> None:
    by_reason = {one.reason: one for one in spoilt(Stage(1, 10))}
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(by_reason["encrypted"].files[0].read()))
    assert by_reason["empty"].files[0].read() == b""
    assert by_reason["lies"].files[0].read()[:3] == b"\xff\xd8\xff"
    assert len(eicar()) == 68
    with zipfile.ZipFile(io.BytesIO(by_reason["macro"].files[0].read())) as archive:
        assert "word/vbaProject.bin" in archive.namelist()
