"""The finished document with its red head, and the routing slip, as PDF."""

import io
from html import escape

from documents import Document
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
BODY = ParagraphStyle("body", fontName="STSong-Light", fontSize=15, leading=28, firstLineIndent=30, wordWrap="CJK")
HEAD = ParagraphStyle(
    "head", fontName="STSong-Light", fontSize=30, leading=44, alignment=TA_CENTER, textColor="#c00000"
)
TITLE = ParagraphStyle("title", fontName="STSong-Light", fontSize=20, leading=30, alignment=TA_CENTER, wordWrap="CJK")
CENTRED = ParagraphStyle("centred", fontName="STSong-Light", fontSize=14, leading=24, alignment=TA_CENTER)
SIGNED = ParagraphStyle("signed", fontName="STSong-Light", fontSize=15, leading=28, alignment=TA_RIGHT)
CELL = ParagraphStyle("cell", fontName="STSong-Light", fontSize=11, leading=16, wordWrap="CJK")


def _build(story: list[Flowable], title: str) -> bytes:
    out = io.BytesIO()
    # Without the moment of making in it, the same document gives the same bytes: a replay is recognised as one.
    SimpleDocTemplate(out, pagesize=A4, title=title, author="仁和医院", invariant=1).build(story)
    return out.getvalue()


def finished_document(document: Document) -> bytes:
    """The signed document as it goes out."""
    day = document.history[-1]["at"][:10].split("-")
    story: list[Flowable] = [
        Paragraph("仁和医院文件", HEAD),
        Paragraph(escape(document.number), CENTRED),
        HRFlowable(width="100%", color="#c00000", thickness=2),
        Spacer(1, 24),
        Paragraph(escape(document.title), TITLE),
        Spacer(1, 18),
        *[Paragraph(escape(line), BODY) for line in document.body.splitlines() if line.strip()],
        Spacer(1, 30),
        Paragraph("仁和医院", SIGNED),
        Paragraph(f"{day[0]}年{int(day[1])}月{int(day[2])}日", SIGNED),
    ]
    return _build(story, document.title)


def routing_slip(document: Document) -> bytes:
    """The form's snapshot: every step with who, when and the opinion."""
    rows = [[Paragraph(word, CELL) for word in ("环节", "办理人", "时间", "意见")]]
    rows += [
        [Paragraph(escape(step[key]), CELL) for key in ("step", "who", "at", "opinion")] for step in document.history
    ]
    table = Table(rows, colWidths=[80, 80, 150, 150], style=[("GRID", (0, 0), (-1, -1), 0.5, "#888888")])
    return _build(
        [Paragraph("发文处理单", TITLE), Paragraph(escape(document.title), CENTRED), Spacer(1, 12), table], "发文处理单"
    )
