"""Passwords, macros, scripts, programs, floods: what a document must not carry (promises G1, G8)."""

import pikepdf
import pytest
from PIL import Image

from yidang import formats
from yidang.formats.tests import making
from yidang.formats.tests.making import codes
from yidang.formats.types import Limits

Name, Dictionary, String, Array = pikepdf.Name, pikepdf.Dictionary, pikepdf.String, pikepdf.Array


def encrypted(path, **passwords):
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(path, encryption=pikepdf.Encryption(R=6, **passwords))
    return path


def test_a_pdf_with_a_password_fails(tmp_path):
    path = encrypted(tmp_path / "a.pdf", user="secret", owner="owner")
    assert codes(formats.inspect(path, "a.pdf")) == {"encrypted"}


def test_a_pdf_with_restrictions_opens_with_a_warning(tmp_path):
    path = encrypted(tmp_path / "a.pdf", user="", owner="owner")
    found = formats.inspect(path, "a.pdf")
    assert "restricted" in codes(found)
    assert not found.failed


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")), "pdf_javascript"),
        (Dictionary(S=Name.Launch, F=String("cmd.exe")), "pdf_launch"),
    ],
)
def test_a_pdf_that_acts_by_itself_fails(tmp_path, entry, code):
    path = making.acting_pdf(tmp_path / "a.pdf", OpenAction=entry)
    assert code in codes(formats.inspect(path, "a.pdf"))


def test_a_disguised_name_is_seen_through(tmp_path):
    path = making.acting_pdf(tmp_path / "a.pdf", OpenAction=Dictionary(S=Name.JavaScript, JS=String("1")))
    with pikepdf.open(path) as opened:
        opened.save(path.with_name("b.pdf"), object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=True)
    plain = path.with_name("b.pdf").read_bytes()
    assert b"/JavaScript" in plain
    hidden = plain.replace(b"/JavaScript", b"/J#61v#61Script").replace(b"/JS", b"/#4aS")
    path.with_name("c.pdf").write_bytes(hidden)
    assert "pdf_javascript" in codes(formats.inspect(path.with_name("c.pdf"), "c.pdf"))


def test_files_inside_a_pdf_are_named(tmp_path):
    path = tmp_path / "a.pdf"
    with pikepdf.new() as made:
        made.add_blank_page()
        made.attachments["附件.xlsx"] = pikepdf.AttachedFileSpec(made, b"data", filename="附件.xlsx")
        made.save(path)
    found = formats.inspect(path, "a.pdf")
    assert [one.params["names"] for one in found.findings if one.code == "embedded_files"] == [["附件.xlsx"]]


def test_a_pdf_without_pages_and_a_broken_one_fail(tmp_path):
    path = tmp_path / "a.pdf"
    with pikepdf.new() as made:
        made.save(path)
    assert formats.inspect(path, "a.pdf").failed
    path.write_bytes(b"%PDF-1.7\nnothing follows")
    assert "broken" in codes(formats.inspect(path, "a.pdf"))


@pytest.mark.promise("G8")
def test_too_many_pages_fail(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["a"]] * 30)
    assert "too_many_pages" in codes(formats.inspect(path, "a.pdf", Limits(pages=20)))


@pytest.mark.promise("G8")
def test_a_hundred_thousand_pages_are_answered_in_time(tmp_path):
    path = tmp_path / "a.pdf"
    with pikepdf.new() as made:
        made.add_blank_page()
        page = made.pages[0].obj
        made.Root.Pages.Kids = Array([page] * 100_000)
        made.Root.Pages.Count = 100_000
        made.save(path)
    assert codes(formats.inspect(path, "a.pdf")) & {"too_many_pages", "took_too_long", "broken"}


@pytest.mark.promise("G8")
def test_a_pixel_flood_is_refused_before_it_is_decoded(tmp_path):
    path = making.flood(tmp_path / "a.png")
    assert path.stat().st_size < 2000
    assert "too_many_pixels" in codes(formats.inspect(path, "a.png"))


def test_a_cut_image_is_called_incomplete(tmp_path):
    path = making.image(tmp_path / "a.jpg", (800, 600))
    Image.effect_noise((800, 600), 90).save(path)
    path.write_bytes(path.read_bytes()[:20_000])
    assert "truncated" in codes(formats.inspect(path, "a.jpg"))


def test_macros_in_a_word_document_are_found(tmp_path):
    path = making.docx(tmp_path / "a.docx", "文", more={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro"})
    found = formats.inspect(path, "a.docx")
    assert "macros" in codes(found)
    assert found.failed


def test_a_template_fetched_from_outside_is_a_warning(tmp_path):
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://x/attachedTemplate" Target="http://evil.example/t.dotm" TargetMode="External"/></Relationships>'
    )
    path = making.docx(tmp_path / "a.docx", "文", more={"word/_rels/settings.xml.rels": relation})
    found = formats.inspect(path, "a.docx")
    assert codes(found) == {"external_links"}
    assert not found.failed


def test_scripts_in_a_page_are_a_warning(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<html><body><script>alert(1)</script>文</body></html>", encoding="utf-8")
    found = formats.inspect(path, "a.html")
    assert codes(found) == {"html_script"}
    assert "alert" not in found.text_sample
