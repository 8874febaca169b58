"""PDF files: official papers with their red head and seal, plain papers with tables, scans bound together."""

import io
import math
from collections.abc import Iterable

from reportlab import rl_config
from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from yidang.demo.papers.fonts import for_pdf
from yidang.demo.papers.paper import Paper, Table, width, wrap

# Bytes as they are, not as printable characters: smaller, and three times as fast with page images.
rl_config.useA85 = 0

RED = Color(0.82, 0.05, 0.08)
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 79, 74, 95, 86  # the margins of GB/T 9704, in points
SIZE, LEADING = 14, 24


class Page:
    """A canvas with a pen that moves down and turns the page at the bottom."""

    def __init__(self, title: str, *, size: float = SIZE, leading: float = LEADING, top: float = TOP) -> None:
        self.bytes = io.BytesIO()
        self.canvas = Canvas(self.bytes, pagesize=A4, invariant=1, pageCompression=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor("仁和医院")
        self.font, self.size, self.leading, self.top = for_pdf(), size, leading, top
        self.y = HEIGHT - top
        self.number = 1

    @property
    def columns(self) -> float:
        """How many full-width characters stand in a line."""
        return (WIDTH - LEFT - RIGHT) / self.size

    def room(self, needed: float) -> None:
        """Turn the page when so many points are no longer free."""
        if self.y - needed < BOTTOM:
            self.turn()

    def turn(self) -> None:
        """End the page with its number and begin the next."""
        self.canvas.setFont(self.font, 10.5)
        self.canvas.setFillColor(black)
        self.canvas.drawCentredString(WIDTH / 2, 62, f"— {self.number} —")
        self.canvas.showPage()
        self.number += 1
        self.y = HEIGHT - self.top

    def line(
        self, text: str, *, size: float = 0, align: str = "left", bold: bool = False, colour: Color = black
    ) -> None:
        """One line of text, then the pen stands below it."""
        size = size or self.size
        self.room(size)
        writer = self.canvas.beginText()
        writer.setFont(self.font, size)
        writer.setFillColor(colour)
        writer.setStrokeColor(colour)
        long = self.canvas.stringWidth(text, self.font, size)
        x = {"left": LEFT, "centre": (WIDTH - long) / 2, "right": WIDTH - RIGHT - long}[align]
        writer.setTextOrigin(x, self.y - size)
        if bold:
            # Drawn with an outline: the shipped font has one weight. The mode outlives the text, so it is put back.
            self.canvas.saveState()
            self.canvas.setLineWidth(size / 45)
            writer.setTextRenderMode(2)
        writer.textOut(text)
        self.canvas.drawText(writer)
        if bold:
            self.canvas.restoreState()
        self.y -= max(self.leading, size * 1.5)

    def paragraph(self, text: str) -> None:
        """A paragraph, its first line set in by two characters; a heading of a section stands bold."""
        heading = (
            text[:1] in "一二三四五六七八九十第"
            and len(text) < 34
            and not text.endswith(("。", "；"))
            and ("、" in text[:3] or text[:5].endswith(("章", "条")))
        )
        for line in wrap("　　" + text, self.columns):
            self.line(line, bold=heading)

    def table(self, table: Table, *, size: float = 10.5) -> None:
        """A table with ruled cells."""
        shares = table.shares or _shares(table)
        full = WIDTH - LEFT - RIGHT
        widths = [full * share / sum(shares) for share in shares]
        for number, row in enumerate((table.head, *table.rows)):
            cells = [wrap(text, (wide - 6) / size) or [""] for text, wide in zip(row, widths, strict=True)]
            height = max(map(len, cells)) * size * 1.35 + 6
            self.room(height)
            x = LEFT
            self.canvas.setLineWidth(0.6)
            self.canvas.setStrokeColor(black)
            self.canvas.setFillColor(black)
            for lines, wide in zip(cells, widths, strict=True):
                self.canvas.rect(x, self.y - height, wide, height)
                self.canvas.setFont(self.font, size)
                for place, text in enumerate(lines):
                    below = self.y - 3 - size - place * size * 1.35
                    if number == 0:
                        self.canvas.drawCentredString(x + wide / 2, below, text)
                    else:
                        self.canvas.drawString(x + 3, below, text)
                x += wide
            self.y -= height
        self.y -= self.leading / 2

    def finish(self) -> bytes:
        """The file."""
        self.turn()
        self.canvas.save()
        return self.bytes.getvalue()


def official(paper: Paper) -> bytes:
    """A 红头文件: red head, number, red line, title, text, signature with seal, copies."""
    page = Page(paper.title)
    page.line(
        paper.issuer,
        size=min(36.0, (WIDTH - LEFT - RIGHT) / max(1.0, width(paper.issuer))),
        align="centre",
        bold=True,
        colour=RED,
    )
    page.y -= 8
    page.line(paper.number, align="centre")
    page.canvas.setStrokeColor(RED)
    page.canvas.setLineWidth(1.6)
    page.canvas.line(LEFT, page.y, WIDTH - RIGHT, page.y)
    page.y -= 26
    for line in wrap(paper.title, (WIDTH - LEFT - RIGHT) / 19):
        page.line(line, size=19, align="centre", bold=True)
    page.y -= 10
    if paper.addressee:
        page.line(paper.addressee)
    _body(page, paper)
    _signature(page, paper, seal=True)
    if paper.copies:
        page.room(40)
        page.canvas.line(LEFT, page.y, WIDTH - RIGHT, page.y)
        page.line(paper.copies, size=11)
    return page.finish()


def plain(paper: Paper, *, size: float = 12) -> bytes:
    """A paper of everyday work: heading, text, tables, signature."""
    page = Page(paper.title, size=size, leading=size * 1.7, top=80)
    if paper.issuer:
        page.line(paper.issuer, size=16, align="centre")
    for line in wrap(paper.title, (WIDTH - LEFT - RIGHT) / 18):
        page.line(line, size=18, align="centre", bold=True)
    if paper.number:
        page.line(paper.number, size=10.5, align="right")
    if paper.addressee:
        page.line(paper.addressee)
    _body(page, paper)
    _signature(page, paper, seal=False)
    return page.finish()


def _body(page: Page, paper: Paper) -> None:
    for paragraph in paper.paragraphs:
        page.paragraph(paragraph)
    for table in paper.tables:
        page.table(table)


def _signature(page: Page, paper: Paper, *, seal: bool) -> None:
    if not paper.signer and not paper.day:
        return
    page.room(page.leading * 3 + 20)
    page.y -= 20
    middle = page.y - 14
    if paper.signer:
        page.line(paper.signer + "　　", align="right")
    if paper.day:
        page.line(paper.signed_on + "　　", align="right")
    if seal:
        _seal(page.canvas, WIDTH - RIGHT - 90, middle - 6, paper.signer or paper.issuer)
    page.y -= 16


def _seal(canvas: Canvas, x: float, y: float, text: str) -> None:
    """A round seal over the signature: the name along the upper arc, a star in the middle."""
    canvas.saveState()
    canvas.setStrokeColor(RED, 0.75)
    canvas.setFillColor(RED, 0.75)
    canvas.setLineWidth(2)
    canvas.circle(x, y, 52)
    points = [(x + r * math.sin(k * math.pi / 5), y + r * math.cos(k * math.pi / 5)) for k, r in enumerate([15, 6] * 5)]
    star = canvas.beginPath()
    star.moveTo(*points[0])
    for point in points[1:]:
        star.lineTo(*point)
    star.close()
    canvas.drawPath(star, stroke=0, fill=1)
    canvas.setFont(for_pdf(), 12)
    step = min(28.0, 250 / max(1, len(text) - 1))
    for number, char in enumerate(text):
        canvas.saveState()
        canvas.translate(x, y)
        canvas.rotate((len(text) - 1) * step / 2 - number * step)
        canvas.drawCentredString(0, 36, char)
        canvas.restoreState()
    canvas.restoreState()


def _shares(table: Table) -> list[float]:
    longest = [max(width(row[column]) for row in (table.head, *table.rows)) for column in range(len(table.head))]
    return [min(max(share, 3.0), 16.0) for share in longest]


def bound_scans(title: str, images: Iterable[bytes]) -> bytes:
    """A PDF of page images only, as a scanner makes it."""
    result = io.BytesIO()
    canvas = Canvas(result, pagesize=A4, invariant=1)
    canvas.setTitle(title)
    for image in images:
        canvas.drawImage(ImageReader(io.BytesIO(image)), 0, 0, WIDTH, HEIGHT)
        canvas.showPage()
    canvas.save()
    return result.getvalue()
