"""A file is what its content says; its name must agree (promise G5)."""

import gzip
import io
import json
import tarfile

import pytest

from yidang import formats
from yidang.formats.tests import making
from yidang.formats.tests.making import codes

pytestmark = [pytest.mark.promise("G5")]


@pytest.fixture
def samples(tmp_path):
    """One small file of many formats, by the PUID that it should get."""
    making.pdf(tmp_path / "a.pdf", [["a"]])
    making.ofd(tmp_path / "a.ofd")
    making.docx(tmp_path / "a.docx", "文")
    for ending in ("png", "jpg", "gif", "bmp", "tif", "webp"):
        making.image(tmp_path / f"a.{ending}")
    making.zipped(tmp_path / "a.zip", {"a.txt": "a"})
    making.zipped(tmp_path / "a.odt", {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"})
    (tmp_path / "a.txt").write_bytes("中文，关于档案的通知。".encode("gb18030"))
    (tmp_path / "a.html").write_text("<!DOCTYPE html><html><body>文</body></html>", encoding="utf-8")
    (tmp_path / "a.xml").write_text('<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>', encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps({"resourceType": "Patient", "id": "1"}), encoding="utf-8")
    (tmp_path / "a.eml").write_text("From: a@b\nTo: c@d\nSubject: x\nDate: today\n\ntext\n", encoding="utf-8")
    (tmp_path / "a.rtf").write_text(r"{\rtf1\ansi text}", encoding="ascii")
    (tmp_path / "a.dcm").write_bytes(b"\x00" * 128 + b"DICM" + b"\x00" * 100)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a" * 100))
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return tmp_path


EXPECTED = {
    "a.pdf": "pdf", "a.ofd": "ofd", "a.docx": "office", "a.odt": "office", "a.rtf": "office", "a.png": "image",
    "a.jpg": "image", "a.gif": "image", "a.bmp": "image", "a.tif": "image", "a.webp": "image", "a.zip": "archive",
    "a.tar": "archive", "a.gz": "archive", "a.txt": "text", "a.html": "html", "a.xml": "xml", "a.json": "json",
    "a.eml": "email", "a.dcm": "dicom",
}  # fmt: skip


def test_each_format_is_known_by_its_content_and_agrees_with_its_name(samples):
    for name, kind in EXPECTED.items():
        known = formats.identify(samples / name, name)
        assert known.kind == kind, (name, known)
        assert known.puid, name
        found = formats.inspect(samples / name, name)
        assert not codes(found) & {"extension_differs", "extension_unusual", "format_unknown"}, (name, found.findings)


def test_the_name_does_not_decide(samples):
    assert formats.identify(samples / "a.pdf", "letter.docx").kind == "pdf"
    assert formats.identify(samples / "a.docx", "letter.zip").kind == "office"


def test_a_name_that_lies_is_found(samples):
    for name, lie in (
        ("a.png", "scan.pdf"),
        ("a.pdf", "photo.jpg"),
        ("a.zip", "letter.docx"),
        ("a.html", "report.pdf"),
    ):
        found = formats.inspect(samples / name, lie)
        assert "extension_differs" in codes(found), (name, lie)
        assert found.failed


def test_a_program_is_refused_whatever_it_is_called(tmp_path):
    program = tmp_path / "x"
    program.write_bytes(b"MZ" + b"\x90\x00" * 500)
    assert "program_file" in codes(formats.inspect(program, "report.pdf"))
    program.write_text("WScript.Echo 1", encoding="ascii")
    assert "program_file" in codes(formats.inspect(program, "report.vbs"))


def test_a_file_that_is_two_things_is_found(tmp_path):
    document, archive = making.pdf(tmp_path / "a.pdf", [["a"]]), making.zipped(tmp_path / "a.zip", {"evil.exe": "MZ"})
    both = tmp_path / "both.pdf"
    both.write_bytes(document.read_bytes() + archive.read_bytes())
    assert "polyglot" in codes(formats.inspect(both, "both.pdf"))
    picture = making.image(tmp_path / "a.gif")
    picture.write_bytes(picture.read_bytes() + b"<script>alert(1)</script>")
    assert "polyglot" in codes(formats.inspect(picture, "a.gif"))


def test_an_archival_pdf_is_told_from_an_ordinary_one(tmp_path):
    path = tmp_path / "a.pdf"
    making.pdf(path, [["a"]])
    metadata = b"%<rdf xmlns:pdfaid='x'><pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n"
    path.write_bytes(path.read_bytes() + metadata)
    assert formats.identify(path, "a.pdf").puid == "fmt/477"


def test_noise_is_unknown_and_said_to_be(tmp_path):
    path = tmp_path / "noise"
    path.write_bytes(bytes((i * 197 + i // 7 * 31) % 256 for i in range(5000)))
    found = formats.inspect(path, "noise")
    assert "format_unknown" in codes(found)


def test_an_empty_file_fails(tmp_path):
    path = tmp_path / "empty.pdf"
    path.touch()
    assert codes(formats.inspect(path, "empty.pdf")) == {"empty_file"}


def test_a_file_over_the_limit_fails_without_being_read(tmp_path):
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    assert "too_large" in codes(formats.inspect(path, "large.pdf"))
