"""Tables sort by their links; spreadsheets hold text where text was meant."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.test import RequestFactory

from yidang.common.errors import InvalidInput
from yidang.ui import spreadsheets
from yidang.ui.spreadsheets import Column, harmless, write_spreadsheet
from yidang.ui.tables import Column as TableColumn
from yidang.ui.tables import Table


def _table(query: dict[str, str]) -> Table:
    columns = [
        TableColumn("title", "题名", lambda item: item["title"], sort=("title",), fixed=True),
        TableColumn("received", "接收", lambda item: item["at"], sort=("-received_at", "id")),
        TableColumn("note", "备注", lambda item: None, shown=False),
    ]
    return Table(
        RequestFactory().get("/", query), "arrivals", columns, default="received", key=lambda item: item["title"]
    )


def test_the_order_follows_the_address_and_turns_round() -> None:
    assert _table({}).order_by == ("-received_at", "id")
    assert _table({"sort": "-received"}).order_by == ("received_at", "-id")
    assert _table({"sort": "title"}).order_by == ("title",)
    assert _table({"sort": "password"}).order_by == ("-received_at", "id")


def test_sorting_begins_again_at_the_first_page_and_keeps_the_filters() -> None:
    head = _table({"sort": "title", "cursor": "abc", "class": "WS"}).heads[0]
    assert (head.sorted, head.href) == ("ascending", "?sort=-title&class=WS")


def test_rows_hold_the_visible_cells() -> None:
    [row] = _table({}).rows([{"title": "通知", "at": ""}])
    assert [str(cell.html) for cell in row.cells] == ["通知", "—"]


@pytest.mark.parametrize("text", ["=1+1", "+86 10", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_a_cell_that_would_run_stays_text(text: str) -> None:
    stream = io.BytesIO()
    write_spreadsheet(stream, [Column("题名", lambda item: item)], [text])
    cell = openpyxl.load_workbook(stream).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")
    assert harmless("普通-文字") == "普通-文字"


def test_numbers_days_and_moments_keep_their_kind() -> None:
    stream = io.BytesIO()
    columns = [
        Column("页", lambda i: i[0]),
        Column("日", lambda i: i[1]),
        Column("时", lambda i: i[2]),
        Column("空", lambda i: None),
    ]
    write_spreadsheet(stream, columns, [(3, date(2026, 3, 5), datetime(2026, 3, 5, 1, 0, tzinfo=UTC))])
    sheet = openpyxl.load_workbook(stream).active
    assert [str(sheet.cell(2, at).value) for at in (1, 2, 3)] == ["3", "2026-03-05 00:00:00", "2026-03-05 09:00:00"]


def test_too_many_rows_are_refused_with_a_way_out(monkeypatch) -> None:
    monkeypatch.setattr(spreadsheets, "ROWS_MOST", 3)
    with pytest.raises(InvalidInput) as refusal:
        write_spreadsheet(io.BytesIO(), [Column("x", str)], range(10))
    assert refusal.value.remedy
