"""A table as a work surface: chosen columns, sort links, rows for the template and for a spreadsheet, from one description."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse

from yidang.ui.spreadsheets import Column as SheetColumn
from yidang.ui.spreadsheets import spreadsheet

COLUMNS_COOKIE = "yidang_columns_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    :param value: text of the cell for an item; also what a spreadsheet gets
    :param html: safe markup of the cell, where text is not enough
    :param sort: names for ``order_by`` that this column sorts by; empty: no sort link
    :param css: classes of the cell: ``num``, ``nowrap``, ``c-xs`` … ``c-l``
    :param shown: shown until the reader chooses; ``fixed`` columns cannot be hidden
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    html: Callable[[Any], Any] | None = None
    sort: tuple[str, ...] = ()
    css: str = ""
    shown: bool = True
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a column shows."""

    label: str
    css: str
    href: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell."""

    column: Column
    html: Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``name`` says aloud what its check box selects."""

    item: Any
    key: str
    name: str
    href: str
    cells: list[Cell]


@dataclass
class Table:
    """A table for one request.

    :param name: lower-case name under which the choice of columns is remembered
    :param default: key of the column sorted by first, ``-`` before it for descending
    """

    request: HttpRequest
    name: str
    columns: list[Column]
    default: str
    key: Callable[[Any], Any] = field(default=lambda item: item.pk)
    title: Callable[[Any], Any] = field(default=str)
    href: Callable[[Any], str] = field(default=lambda item: "")

    @property
    def visible(self) -> list[Column]:
        """The columns that this browser shows."""
        chosen = self.request.COOKIES.get(COLUMNS_COOKIE + self.name)
        keys = set(chosen.split(".")) if chosen is not None else {column.key for column in self.columns if column.shown}
        return [column for column in self.columns if column.fixed or column.key in keys]

    @property
    def sorted_by(self) -> tuple[Column, bool]:
        """The column sorted by and whether descending; an unknown ``sort`` falls back to the default."""
        for wanted in (self.request.GET.get("sort", ""), self.default):
            for column in self.columns:
                if column.sort and column.key == wanted.removeprefix("-"):
                    return column, wanted.startswith("-")
        raise ValueError(f"table {self.name}: the default {self.default!r} is not a column that sorts")

    @property
    def order_by(self) -> tuple[str, ...]:
        """For :func:`yidang.ui.paging.page`."""
        column, descending = self.sorted_by
        return tuple(
            name.lstrip("-") if name.startswith("-") == descending else "-" + name.lstrip("-") for name in column.sort
        )

    @property
    def heads(self) -> list[Head]:
        """The heads of the visible columns, with the link that sorts by them."""
        now, descending = self.sorted_by
        heads = []
        for column in self.visible:
            current = column.key == now.key
            direction = ("descending" if descending else "ascending") if current else ""
            href = self._link("-" + column.key if current and not descending else column.key) if column.sort else ""
            heads.append(Head(label=str(column.label), css=column.css, href=href, sorted=direction))
        return heads

    def _link(self, sort: str) -> str:
        parameters = self.request.GET.copy()
        parameters["sort"] = sort
        parameters.pop("cursor", None)
        return "?" + parameters.urlencode()

    def rows(self, items: Iterable[Any]) -> list[Row]:
        """The rows for ``ui/components/table.html``."""
        visible = self.visible
        return [
            Row(
                item=item,
                key=str(self.key(item)),
                name=str(self.title(item)),
                href=self.href(item),
                cells=[
                    Cell(column, column.html(item) if column.html else _text(column.value(item))) for column in visible
                ],
            )
            for item in items
        ]

    def as_spreadsheet(self, items: Iterable[Any], filename: str) -> HttpResponse:
        """The visible columns as an Excel file."""
        return spreadsheet(filename, [SheetColumn(str(column.label), column.value) for column in self.visible], items)


def _text(value: Any) -> Any:
    return "—" if value is None or value == "" else value
