"""The text and the pages of each kind of file."""

import io
import json

import pytest
from PIL import Image

from yidang import formats
from yidang.formats import ReadingFailed
from yidang.formats.tests import making

SENTENCE = "关于做好2026年度档案归档工作的通知"


def read(path, **more):
    return formats.extract_text(path, formats.identify(path, path.name), **more)


def page(path, number=1, width=320, **more):
    return Image.open(io.BytesIO(formats.render_page(path, formats.identify(path, path.name), number, width, **more)))


@pytest.fixture(params=["pdf", "ofd", "html", "json", "xml", "eml", "gb18030", "utf-8", "utf-16", "big5"])
def written(request, tmp_path):
    """The sentence in one file of each kind."""
    path = tmp_path / f"a.{request.param}"
    match request.param:
        case "pdf":
            return making.pdf(path, [[SENTENCE]])
        case "ofd":
            return making.ofd(path, SENTENCE)
        case "html":
            path.write_bytes(f"<html><head><title>题</title></head><p>{SENTENCE}</p></html>".encode("gb18030"))
        case "json":
            path.write_text(json.dumps({"resourceType": "Composition", "title": SENTENCE}), encoding="utf-8")
        case "xml":
            path.write_text(f"<?xml version='1.0'?><a><b>{SENTENCE}</b></a>", encoding="utf-8")
        case "eml":
            head = "From: a@b.c\nTo: d@e.f\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=gb2312\n\n"
            path.write_bytes(head.encode() + SENTENCE.encode("gb18030"))
        case "big5":
            path = tmp_path / "a.txt"
            path.write_bytes("關於做好檔案歸檔工作的通知。這是中國的國家檔案，為了我們的醫院。".encode("big5"))
        case encoding:
            path = tmp_path / "a.txt"
            path.write_bytes(SENTENCE.encode(encoding))
    return path


def test_the_sentence_is_read_and_shown(written):
    text = "".join(one.text for one in read(written))
    assert SENTENCE in text or "關於做好檔案歸檔工作的通知" in text
    image = page(written)
    assert image.width == 320
    assert image.convert("L").getextrema()[0] < 128, "something is drawn"


@pytest.mark.parametrize("width", [320, 800, 1240, 2000])
def test_a_page_has_the_width_that_was_asked_for(tmp_path, width):
    assert page(making.pdf(tmp_path / "a.pdf", [["a"]]), width=width).width == width
    assert page(making.ofd(tmp_path / "a.ofd"), width=width).width == width


def test_pages_are_numbered_from_one_and_their_end_is_told(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["first"], ["second"]])
    assert [(one.page, one.text) for one in read(path)] == [(1, "first"), (2, "second")]
    for number in (0, 3):
        with pytest.raises(ReadingFailed) as failed:
            page(path, number)
        assert failed.value.finding.code == "page_absent"


def test_each_page_of_an_image_is_shown(tmp_path):
    path = tmp_path / "a.tif"
    first, second = Image.new("RGB", (100, 80), "red"), Image.new("RGB", (100, 80), "blue")
    first.save(path, save_all=True, append_images=[second])
    known = formats.identify(path, "a.tif")
    assert formats.page_count(path, known) == 2
    assert page(path, 2).convert("RGB").getpixel((50, 40))[2] > 200
    assert [one.source for one in read(path)] == ["none", "none"]


def test_long_text_has_pages(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join(f"第{number}行" for number in range(200)), encoding="utf-8")
    pages = read(path)
    assert len(pages) == formats.page_count(path, formats.identify(path, "a.txt")) > 3
    assert page(path, len(pages)).width == 320


def test_texts_of_several_files_are_read_together_and_a_broken_one_spoils_only_itself(tmp_path):
    good = making.pdf(tmp_path / "a.pdf", [[SENTENCE], ["b"]])
    known = formats.identify(good, "a.pdf")
    broken = tmp_path / "b.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing of the kind")
    long = tmp_path / "c.txt"
    long.write_text("一行\n" * 46 * 210, encoding="utf-8")
    plain = formats.identify(long, "c.txt")
    first, second, third, fourth = formats.extract_texts(
        [(good, known, None), (broken, known, None), (long, plain, None), (good, known, None)]
    )
    assert [SENTENCE in first[0].text, len(first), first] == [True, 2, fourth]
    assert isinstance(second, ReadingFailed)
    assert third == formats.extract_text(long, plain) and len(third) > 200


def test_scripts_are_no_text(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(
        "<html><script>var secret</script><style>p{}</style><body><p>看得见</p></body></html>", encoding="utf-8"
    )
    assert read(path)[0].text == "看得见"


@pytest.mark.slow
def test_an_office_file_is_read_and_shown_by_libreoffice(tmp_path):
    path = making.docx(tmp_path / "a.docx", SENTENCE, "第二段")
    known = formats.identify(path, "a.docx")
    derived = tmp_path / "derived" / "a.pdf"
    try:
        assert SENTENCE in formats.extract_text(path, known, derived=derived)[0].text
    except ReadingFailed as failed:
        assert failed.finding.code == "reader_absent"
        return
    assert derived.read_bytes().startswith(b"%PDF")
    assert page(path, derived=derived).width == 320
    assert not [one for one in formats.check_fully(path, "a.docx", known, derived=derived) if one.level == "fail"]


@pytest.mark.slow
def test_a_scanned_page_is_recognised(tmp_path):
    scan = page(making.pdf(tmp_path / "a.pdf", [["", "", SENTENCE]]), width=1240, encoding="png")
    path = tmp_path / "scan.png"
    scan.save(path)
    pages = read(path, ocr=True)
    assert pages[0].source == "ocr"
    assert "档案归档工作的通知" in pages[0].text
