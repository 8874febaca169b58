"""Word files with the fewest parts that Word, WPS and LibreOffice open; and one with a macro for the quarantine."""

import io
import zipfile
from xml.sax.saxutils import escape

from yidang.demo.papers.paper import Paper, Table

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def pack(parts: dict[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP file whose bytes depend on its parts alone, not on the clock."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 8, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return result.getvalue()


def docx(paper: Paper) -> bytes:
    """The paper as a Word file."""
    return pack(_parts(paper, _MAIN, extra_types="", extra_relations=""))


def docm_with_macro(paper: Paper) -> bytes:
    """The paper as a Word file that carries a macro project; the macro itself is empty."""
    parts = _parts(
        paper,
        _MACRO_MAIN,
        extra_types='<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        extra_relations='<Relationship Id="rId9" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
        'Target="vbaProject.bin"/>',
    )
    # The signature of an OLE file with nothing in it: enough for every checker to say that there is a macro project.
    parts["word/vbaProject.bin"] = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1528)
    return pack(parts)


def _parts(paper: Paper, main: str, *, extra_types: str, extra_relations: str) -> dict[str, bytes | str]:
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{extra_types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{extra_relations}</Relationships>',
        "word/document.xml": f'{_HEAD}<w:document xmlns:w="{_NS}"><w:body>{_body(paper)}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440"/></w:sectPr>'
        "</w:body></w:document>",
    }


def _body(paper: Paper) -> str:
    parts = [_paragraph(paper.title, align="center", size=36, bold=True)]
    if paper.number:
        parts.append(_paragraph(paper.number, align="center"))
    if paper.addressee:
        parts.append(_paragraph(paper.addressee))
    parts += [_paragraph(text, indent=True) for text in paper.paragraphs]
    parts += [_table(table) for table in paper.tables]
    parts += [_paragraph(text, align="right") for text in (paper.signer, paper.signed_on) if text]
    return "".join(parts)


def _paragraph(text: str, *, align: str = "both", size: int = 28, bold: bool = False, indent: bool = False) -> str:
    first = '<w:ind w:firstLineChars="200" w:firstLine="560"/>' if indent else ""
    heavy = "<w:b/>" if bold else ""
    return (
        f'<w:p><w:pPr>{first}<w:jc w:val="{align}"/></w:pPr><w:r><w:rPr>'
        f'<w:rFonts w:ascii="SimSun" w:hAnsi="SimSun" w:eastAsia="宋体"/>{heavy}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def _table(table: Table) -> str:
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join('<w:gridCol w:w="1500"/>' for _ in table.head)
    rows = "".join(
        "<w:tr>"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="1500" w:type="dxa"/></w:tcPr>{_paragraph(cell, size=21)}</w:tc>' for cell in row
        )
        + "</w:tr>"
        for row in (table.head, *table.rows)
    )
    return f"<w:tbl><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
