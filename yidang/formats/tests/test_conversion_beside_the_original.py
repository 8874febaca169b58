"""PDF/A-2b and TIFF beside an original: what is made, what is refused, and that a comparison sees a change."""

from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from yidang import formats
from yidang.formats import converting
from yidang.formats.tests import making


def scan(path: Path, *, colour: str = "RGB", pages: int = 1, hidden: str = "", seen: str = "") -> Path:
    """A PDF of pages that are pictures, as scanners make them; hidden words under them need no font in the file."""
    canvas = Canvas(str(path), invariant=True)
    for number in range(pages):
        picture = Image.new(colour, (400, 560), "white" if colour != "CMYK" else (0, 0, 0, 0))
        ImageDraw.Draw(picture).rectangle(
            (40, 40 + 30 * number, 300, 60 + 30 * number), fill=(0, 0, 0) if colour == "RGB" else (0, 0, 0, 255)
        )
        canvas.drawImage(_kept(picture, path) if colour == "CMYK" else _reader(picture), 0, 0, 595, 842)
        if hidden:
            text = canvas.beginText(50, 700)
            text.setTextRenderMode(3)
            text.textLine(hidden)
            canvas.drawText(text)
        if seen:
            canvas.drawString(50, 600, seen)
        canvas.showPage()
    canvas.save()
    return path


def _kept(picture: Image.Image, beside: Path) -> str:
    """A picture as a JPEG file: the form in which the writer of PDFs leaves its colours as they are."""
    file = beside.with_suffix(".jpg")
    picture.save(file)
    return str(file)


def _reader(picture: Image.Image):
    from reportlab.lib.utils import ImageReader

    return ImageReader(picture)


def made(path: Path, into: Path) -> converting.Made:
    known = formats.identify(path, path.name)
    return converting.make(path, known, converting.target_of(known.puid, known.mime, known.kind), into)


def test_a_scan_becomes_pdfa_without_a_pixel_changed(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", pages=2, hidden="recognised words")
    (tmp_path / "out").mkdir()
    one = made(path, tmp_path / "out")
    assert one.path is not None and not one.obstacles
    checks = converting.check_pdfa(one.path)
    assert [check for check in checks["checks"] if not check["well"]] == [] and checks["pages"] == 2
    compared = converting.compare(path, formats.identify(path, "a.pdf"), one.path, "pdfa", tmp_path)
    assert compared.failures == () and compared.facts["mean_most"] == 0 and compared.facts["text_least"] == 1
    assert formats.identify(one.path, "a.pdf").puid in {"fmt/477", "fmt/276"}
    with pikepdf.open(one.path) as document:
        assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert b"pdfaid" in document.Root.Metadata.read_raw_bytes(), "a reader of text alone finds the declaration"
    # The same original makes the same bytes.
    (tmp_path / "again").mkdir()
    assert made(path, tmp_path / "again").path.read_bytes() == one.path.read_bytes()  # type: ignore[union-attr]


@pytest.mark.parametrize("why", ["fonts", "colours", "attachments", "form_xfa", "layers", "annotations"])
def test_what_cannot_be_mended_unseen_is_refused_with_its_reason(tmp_path: Path, why: str) -> None:
    path = scan(
        tmp_path / "a.pdf",
        seen="Helvetica is not in the file" if why == "fonts" else "",
        colour="CMYK" if why == "colours" else "RGB",
    )
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        match why:
            case "attachments":
                document.attachments["secret.txt"] = b"words"
            case "form_xfa":
                document.Root.AcroForm = pikepdf.Dictionary(XFA=document.make_stream(b"<x/>"), Fields=pikepdf.Array())
            case "layers":
                document.Root.OCProperties = pikepdf.Dictionary()
            case "annotations":
                note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[10, 10, 90, 40])
                document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])
        document.save()
    (tmp_path / "out").mkdir()
    one = made(path, tmp_path / "out")
    assert one.path is None and [obstacle["code"] for obstacle in one.obstacles] == [why]


def test_scripts_are_taken_out_and_told_and_a_password_is_refused(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.save()
    (tmp_path / "out").mkdir()
    one = made(path, tmp_path / "out")
    assert one.path is not None and one.removed == ["JavaScript"]
    assert all(check["well"] for check in converting.check_pdfa(one.path)["checks"])
    assert b"app.alert" not in one.path.read_bytes()
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.save(encryption=pikepdf.Encryption(owner="a", user=""))
    assert [obstacle["code"] for obstacle in made(path, tmp_path / "out").obstacles] == ["encrypted"]


def test_a_comparison_sees_a_page_less_another_word_and_another_picture(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", pages=2, hidden="recognised words")
    known = formats.identify(path, "a.pdf")
    fewer = scan(tmp_path / "b.pdf", pages=1, hidden="recognised words")
    assert "pages" in converting.compare(path, known, fewer, "pdfa", tmp_path).failures
    other = scan(tmp_path / "c.pdf", pages=2, hidden="something else entirely")
    assert converting.compare(path, known, other, "pdfa", tmp_path).failures == ("text",)
    lines = scan(tmp_path / "d.pdf", pages=3, hidden="recognised words")
    with pikepdf.open(lines) as document:
        del document.pages[0]
        document.save(tmp_path / "e.pdf")
    compared = converting.compare(path, known, tmp_path / "e.pdf", "pdfa", tmp_path)
    assert compared.failures == ("looks",) and compared.facts["differing"] == [1, 2]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_an_image_becomes_tiff_with_the_same_pixels(tmp_path: Path, mode: str) -> None:
    picture = Image.radial_gradient("L").convert(mode)
    path = tmp_path / "a.png"
    picture.save(path, dpi=(300, 300))
    (tmp_path / "out").mkdir()
    one = made(path, tmp_path / "out")
    assert one.path is not None and formats.identify(one.path, "a.tif").puid == "fmt/353"
    assert converting.compare(path, formats.identify(path, "a.png"), one.path, "tiff", tmp_path).failures == ()
    # One pixel of another value is seen.
    changed = Image.open(path)
    changed.putpixel((3, 3), 255 - changed.getpixel((3, 3)) if mode in {"1", "L", "P"} else (1,) * len(mode))
    changed.save(tmp_path / "b.tif")
    assert converting.compare(path, formats.identify(path, "a.png"), tmp_path / "b.tif", "tiff", tmp_path).failures


def test_the_way_up_comes_along_and_moving_pictures_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    turned = Image.Exif()
    turned[274] = 6
    Image.radial_gradient("L").convert("RGB").save(path, exif=turned)
    (tmp_path / "out").mkdir()
    one = made(path, tmp_path / "out")
    assert one.path is not None and Image.open(one.path).getexif()[274] == 6
    assert converting.compare(path, formats.identify(path, "a.jpg"), one.path, "tiff", tmp_path).failures == ()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "b.gif", save_all=True, append_images=frames[1:], duration=100)
    assert [obstacle["code"] for obstacle in made(tmp_path / "b.gif", tmp_path / "out").obstacles] == ["frames"]


@pytest.mark.slow
def test_a_word_document_becomes_pdfa_and_its_own_words_are_in_it(tmp_path: Path) -> None:
    path = making.docx(tmp_path / "a.docx", "关于做好2026年度档案归档工作的通知", "第二段：请遵照执行。")
    (tmp_path / "out").mkdir()
    one = made(path, tmp_path / "out")
    assert one.path is not None
    said = converting.check_pdfa(one.path)
    assert [check for check in said["checks"] if not check["well"]] == [] and "LibreOffice" in said["producer"]
    compared = converting.compare(path, formats.identify(path, "a.docx"), one.path, "pdfa", tmp_path / "out")
    assert compared.failures == () and compared.facts["words_covered"] == 1
    # A file of which the conversion shows less than stands in it does not pass.
    more = making.docx(
        tmp_path / "b.docx", "关于做好2026年度档案归档工作的通知", "第二段：请遵照执行。", "没有转出来的一段话" * 5
    )
    other = converting.compare(more, formats.identify(more, "b.docx"), one.path, "pdfa", tmp_path)
    assert "words" in other.failures


def test_formats_for_keeping_and_formats_without_a_converter_have_no_target() -> None:
    assert converting.target_of("fmt/477", "application/pdf", "pdf") == ""
    assert converting.target_of("fmt/353", "image/tiff", "image") == ""
    assert converting.target_of("yidang/ofd", "application/ofd", "ofd") == ""
    assert converting.target_of("fmt/40", "application/msword", "office") == "pdfa"
