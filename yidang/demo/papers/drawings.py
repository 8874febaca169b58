"""Construction drawings as PDF: lines, dimensions, a title block."""

import io
import random

from reportlab.lib.pagesizes import A3, landscape
from reportlab.pdfgen.canvas import Canvas

from yidang.demo.papers.fonts import for_pdf

ROOMS = "诊室 护士站 治疗室 换药室 值班室 库房 污物间 示教室 病房 卫生间 配电间 抢救室".split()


def floor_plan(
    title: str, rng: random.Random, *, number: str, scale: str = "1:100", drawn: str = "", checked: str = ""
) -> bytes:
    """One sheet A3: axes, walls, rooms with their names and areas, and the title block."""
    wide, high = landscape(A3)
    result = io.BytesIO()
    canvas = Canvas(result, pagesize=(wide, high), invariant=1)
    canvas.setTitle(title)
    font = for_pdf()
    canvas.setLineWidth(1.4)
    canvas.rect(28, 28, wide - 56, high - 56)
    left, low, columns, rows = 90, 150, rng.randint(6, 9), 4
    step, deep = (wide - 2 * left) / columns, (high - low - 110) / rows
    for column in range(columns + 1):
        x = left + column * step
        canvas.setLineWidth(0.3)
        canvas.setDash(8, 3)
        canvas.line(x, low - 20, x, high - 76)
        canvas.setDash()
        canvas.circle(x, high - 66, 10)
        canvas.setFont(font, 9)
        canvas.drawCentredString(x, high - 69, str(column + 1))
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * step, low + row * deep
            canvas.setLineWidth(2.2)
            canvas.rect(x, y, step, deep)
            if row != 1:
                canvas.setLineWidth(0.6)
                canvas.arc(x + 8, y - 16, x + 40, y + 16, 0, 90)
                name, area = rng.choice(ROOMS), step * deep / 420
                canvas.setFont(font, 11)
                canvas.drawCentredString(x + step / 2, y + deep / 2, name)
                canvas.setFont(font, 8)
                canvas.drawCentredString(x + step / 2, y + deep / 2 - 13, f"{area:.1f} m²")
        canvas.setFont(font, 8)
        canvas.drawString(left - 40, low + row * deep + deep / 2, f"{rng.choice((4200, 4500, 6000))}")
    _title_block(
        canvas,
        wide,
        [
            ("工程名称", title),
            ("图号", number),
            ("比例", scale),
            ("设计", drawn),
            ("审核", checked),
            ("建设单位", "仁和医院"),
        ],
    )
    canvas.showPage()
    canvas.save()
    return result.getvalue()


def _title_block(canvas: Canvas, wide: float, rows: list[tuple[str, str]]) -> None:
    x, y, height = wide - 28 - 330, 28, 15
    canvas.setLineWidth(0.8)
    for place, (name, value) in enumerate(reversed(rows)):
        canvas.rect(x, y + place * height, 80, height)
        canvas.rect(x + 80, y + place * height, 250, height)
        canvas.setFont(for_pdf(), 8.5)
        canvas.drawString(x + 4, y + place * height + 4, name)
        canvas.drawString(x + 84, y + place * height + 4, value)
