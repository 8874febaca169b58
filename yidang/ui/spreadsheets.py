"""Lists as Excel files. A cell that a spreadsheet would run as a formula is written so that it stays text."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput

STARTS = ("=", "+", "-", "@", "\t", "\r")
ROWS_MOST = 200_000
CELL_MOST = 32_767  # Excel's own limit of characters in one cell
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how its cell is read from an item; ``width`` in characters."""

    label: str
    value: Callable[[Any], Any]
    width: float = 18


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet (or a CSV made from it) would take it for a formula."""
    return "'" + text if text.startswith(STARTS) else text


def as_written(text: str) -> str:
    """The text that :func:`harmless` was given, for whoever reads such a cell back."""
    return text[1:] if text.startswith("'") and text[1:].startswith(STARTS) else text


def write_spreadsheet(stream: io.IOBase, columns: list[Column], items: Iterable[Any], *, sheet: str = "") -> int:
    """Write the items row by row with constant memory; returns the number of rows.

    :raises InvalidInput: more rows than a spreadsheet can usefully hold
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    page = book.add_worksheet(sheet[:31] or None)
    bold, days = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        page.set_column(at, at, column.width)
        page.write_string(0, at, harmless(column.label), bold)
    count = 0
    for item in items:
        count += 1
        if count > ROWS_MOST:
            raise InvalidInput(
                _("The list has more than %(most)s rows.") % {"most": f"{ROWS_MOST:,}"},
                code="too_many_rows",
                remedy=_("Narrow it with a filter, for example one year at a time."),
            )
        for at, column in enumerate(columns):
            value = column.value(item)
            if isinstance(value, datetime):
                local = timezone.localtime(value) if timezone.is_aware(value) else value
                page.write_datetime(count, at, local.replace(tzinfo=None), moments)
            elif isinstance(value, date):
                page.write_datetime(count, at, datetime(value.year, value.month, value.day), days)  # noqa: DTZ001 - a civil day
            elif isinstance(value, bool) or value is None:
                page.write_string(count, at, {True: _("yes"), False: _("no"), None: ""}[value])
            elif isinstance(value, int | float):
                page.write_number(count, at, value)
            else:
                page.write_string(count, at, harmless(str(value))[:CELL_MOST])
    page.autofilter(0, 0, count, max(len(columns) - 1, 0))
    book.close()
    return count


def spreadsheet(filename: str, columns: list[Column], items: Iterable[Any]) -> HttpResponse:
    """A download; ``filename`` may be Chinese and needs no ending."""
    stream = io.BytesIO()
    write_spreadsheet(stream, columns, items)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{filename}.xlsx", content_type=MIME)  # type: ignore[return-value]


def comma_separated(filename: str, columns: list[Column], items: Iterable[Any]) -> HttpResponse:
    """The same list as CSV in UTF-8 with the mark by which Excel and WPS know it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(column.label) for column in columns])
    for item in items:
        writer.writerow([_plain(column.value(item)) for column in columns])
    response = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}.csv"
    return response


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool) or value is None:
        return str({True: _("yes"), False: _("no"), None: ""}[value])
    # A number stays a number, its minus included.
    return str(value) if isinstance(value, int | float) else harmless(str(value))
