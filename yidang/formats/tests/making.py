"""Files for tests: good ones, odd ones, and ones made to break a reader."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WORD_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(path: Path, pages: list[list[str]]) -> Path:
    """A PDF with these lines on its pages."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path))
    for lines in pages:
        canvas.setFont("STSong-Light", 12)
        for number, line in enumerate(lines):
            canvas.drawString(72, 780 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def zipped(path: Path, members: dict[str, bytes | str]) -> Path:
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def docx(path: Path, *paragraphs: str, more: dict[str, bytes | str] | None = None) -> Path:
    """A Word document with these paragraphs."""
    text = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target='
        '"word/document.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>'
        "</Relationships>"
    )
    types = WORD_TYPES.replace(
        "</Types>",
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/></Types>',
    )
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations,
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{text}</w:body></w:document>',
    }
    return zipped(path, members | (more or {}))


def ofd(path: Path, text: str = "关于印发档案管理办法的通知", *, document_type: str = "") -> Path:
    """A one-page OFD with one line of text and a red line."""
    name = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    content = (
        f'{document_type}<ofd:Page {name}><ofd:Content><ofd:Layer ID="1"><ofd:PathObject ID="2" Boundary="20 40 170 1" '
        f'LineWidth="1"><ofd:StrokeColor Value="255 0 0"/><ofd:AbbreviatedData>M 0 0 L 170 0</ofd:AbbreviatedData>'
        f'</ofd:PathObject><ofd:TextObject ID="3" Boundary="20 20 170 12" Font="9" Size="6"><ofd:TextCode X="0" Y="8" '
        f'DeltaX="g {len(text)} 6">{text}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>'
    )
    return zipped(path, {
        "OFD.xml": f"<ofd:OFD {name}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": (
            f"<ofd:Document {name}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
            '</ofd:CommonData><ofd:Pages><ofd:Page ID="5" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'
        ),
        "Doc_0/Pages/Page_0/Content.xml": content,
    })  # fmt: skip


def image(path: Path, size: tuple[int, int] = (60, 40), **more: object) -> Path:
    """An image whose format is that of its name's ending."""
    Image.new("RGB", size, "navy").save(path, **more)
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))


def flood(path: Path, side: int = 60_000) -> Path:
    """A PNG of a few kilobytes that says it has billions of pixels."""
    header = struct.pack("!IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00" * 1000)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b""))
    return path


def overlapping(path: Path) -> Path:
    """A zip whose two directory entries share one member's bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "0" * 5000)
        archive.writestr("b.txt", "1" * 5000)
    data = bytearray(out.getvalue())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(bytes(data))
    return path


def acting_pdf(path: Path, **root: pikepdf.Object) -> Path:
    """A PDF whose catalogue has these entries."""
    with pikepdf.new() as made:
        made.add_blank_page()
        for name, value in root.items():
            made.Root[f"/{name}"] = value
        made.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return path


def codes(inspection: object) -> set[str]:
    """What was found, apart from what is as it should be."""
    return {found.code for found in inspection.findings if found.level != "pass"}  # type: ignore[attr-defined]
