"""OFD files (GB/T 33190): the national format of electronic papers and invoices, made by hand."""

from xml.sax.saxutils import escape

from yidang.demo.papers.ooxml import pack
from yidang.demo.papers.paper import Paper, width

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Millimetres of A4, of a line, of a character.
WIDE, HIGH, LEFT, TOP, LEADING, SIZE = 210, 297, 25, 28, 8, 4.9
LINES = 30


def ofd(paper: Paper, *, document_id: str) -> bytes:
    """The paper as an OFD file, one text object for each line.

    :param document_id: 32 hexadecimal digits
    """
    lines = paper.lines((WIDE - 2 * LEFT) / SIZE)
    pages = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    day = paper.day.isoformat() if paper.day else "2026-01-01"
    parts: dict[str, bytes | str] = {
        "OFD.xml": f'{_HEAD}<ofd:OFD {_NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{document_id}</ofd:DocID><ofd:Title>{escape(paper.title)}</ofd:Title><ofd:Author>仁和医院</ofd:Author>"
        f"<ofd:CreationDate>{day}</ofd:CreationDate></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{_HEAD}<ofd:Document {_NS}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>0 0 {WIDE} {HIGH}</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
        + "".join(f'<ofd:Page ID="{100 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'{_HEAD}<ofd:Res {_NS} BaseLoc="Res"><ofd:Fonts>'
        '<ofd:Font ID="1" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
    }
    for number, page in enumerate(pages):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page(
            page, number, bold_line=2 if paper.issuer and number == 0 else -1
        )
    return pack(parts)


def _page(lines: list[str], number: int, *, bold_line: int) -> str:
    objects = []
    for place, text in enumerate(lines):
        if not text.strip():
            continue
        y = TOP + place * LEADING
        steps = " ".join(f"{SIZE if ord(char) > 0x2000 else SIZE * 0.55:.2f}" for char in text[:-1])
        delta = f' DeltaX="{steps}"' if steps else ""
        weight = ' Weight="700"' if place == bold_line else ""
        objects.append(
            f'<ofd:TextObject ID="{1000 * (number + 1) + place}" Boundary="{LEFT} {y} {max(SIZE, width(text) * SIZE):.2f} {LEADING}" '
            f'Font="1" Size="{SIZE}"{weight}><ofd:TextCode X="0" Y="{SIZE}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
        )
    return (
        f"{_HEAD}<ofd:Page {_NS}><ofd:Area><ofd:PhysicalBox>0 0 {WIDE} {HIGH}</ofd:PhysicalBox></ofd:Area><ofd:Content>"
        f'<ofd:Layer ID="{500 + number}">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'
    )
