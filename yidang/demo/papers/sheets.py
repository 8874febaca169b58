"""Tables as Excel files and as CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

import xlsxwriter

Cell = str | int | float


def xlsx(
    title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], *, sheet: str = "Sheet1", total: bool = False
) -> bytes:
    """A sheet with a heading, a head row and, when asked, sums under the columns of numbers."""
    result = io.BytesIO()
    book = xlsxwriter.Workbook(result, {"in_memory": True})
    book.set_properties({"title": title, "author": "仁和医院", "created": datetime(2026, 1, 1, tzinfo=UTC)})
    page = book.add_worksheet(sheet[:31])
    strong = book.add_format({"bold": True, "align": "center", "font_size": 16})
    bordered = book.add_format({"border": 1})
    money = book.add_format({"border": 1, "num_format": "#,##0.00"})
    headed = book.add_format({"border": 1, "bold": True, "bg_color": "#E8EEF4"})
    page.merge_range(0, 0, 0, max(1, len(head) - 1), title, strong)
    page.write_row(1, 0, head, headed)
    for number, row in enumerate(rows, 2):
        for column, cell in enumerate(row):
            page.write(number, column, cell, money if isinstance(cell, float) else bordered)
    if total:
        page.write(len(rows) + 2, 0, "合计", headed)
        for column, cell in enumerate(rows[0]):
            if isinstance(cell, float):
                page.write(len(rows) + 2, column, sum(float(row[column]) for row in rows), money)
    page.set_column(0, len(head) - 1, 16)
    book.close()
    return result.getvalue()


def comma_separated(head: Sequence[str], rows: Sequence[Sequence[Cell]], *, encoding: str = "utf-8-sig") -> bytes:
    """A CSV file as hospital systems export it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
