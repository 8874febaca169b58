"""A source system's list as text: one line for each document, from Excel's clipboard or a CSV file."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput

ITEMS_MOST = 200_000
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_HEADINGS = {"编号", "流水号", "单号", "文档编号", "id", "source_id", "number", "no"}


@dataclass(frozen=True, slots=True)
class Line:
    """What ought to have come: the source's id, a title to recognise it by, and its files as far as they are told."""

    source_id: str
    title: str = ""
    expected: dict[str, Any] = field(default_factory=dict)


def read_text(text: str) -> list[Line]:
    """Lines of «id, title, files»; files are SHA-256 digests or their number; tabs, commas or semicolons between.

    :raises InvalidInput: a line without an id, or two that contradict each other; the line is named
    """
    head = text.split("\n", 1)[0]
    between = "\t" if "\t" in head else ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(io.StringIO(text), delimiter=between)
    lines = []
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].casefold() in _HEADINGS):
            continue
        told = " ".join(cells[2:]).split()
        lines.append((number, _line(number, cells[0], cells[1] if len(cells) > 1 else "", told)))
    return _once(lines)


def read_json(items: Iterable[dict[str, Any]]) -> list[Line]:
    """The same from the API: ``{"source_id": …, "title": …, "sha256": […]}`` or ``"files": 2``.

    :raises InvalidInput: as :func:`read_text`
    """
    lines = []
    for number, item in enumerate(items, 1):
        told = item.get("sha256") or ([] if item.get("files") is None else [str(item["files"])])
        lines.append((number, _line(number, str(item["source_id"]).strip(), str(item.get("title") or ""), told)))
    return _once(lines)


def _line(number: int, source_id: str, title: str, told: list[str]) -> Line:
    if not source_id or len(source_id) > 200:
        raise InvalidInput(
            _("Line %(number)s has no id, or one of more than 200 characters.") % {"number": number}, field="items",
            code="bad_list_line", remedy=_("Put the source system's own number of the document into the first column."),
        )  # fmt: skip
    expected: dict[str, Any] = {}
    if told and all(_DIGEST.fullmatch(part) for part in told):
        expected = {"sha256": sorted(part.lower() for part in told)}
    elif len(told) == 1 and told[0].isascii() and told[0].isdigit() and len(told[0]) < 6:
        expected = {"files": int(told[0])}
    elif told:
        raise InvalidInput(
            _("Line %(number)s: «%(text)s» is neither a SHA-256 digest nor a number of files.")
            % {"number": number, "text": told[0][:70]},
            field="items", code="bad_list_line", remedy=_("Leave the third column empty if the source does not know it."),
        )  # fmt: skip
    return Line(source_id, title[:1000], expected)


def _once(lines: list[tuple[int, Line]]) -> list[Line]:
    """Each id once: a line said twice is one; two that differ in their files contradict each other."""
    if not lines:
        raise InvalidInput(_("The list is empty."), field="items", code="empty_list")
    if len(lines) > ITEMS_MOST:
        raise InvalidInput(
            _("The list has more than %(most)s lines.") % {"most": f"{ITEMS_MOST:,}"}, field="items",
            code="too_many_lines", remedy=_("Give one list for each month or year."),
        )  # fmt: skip
    found: dict[str, tuple[int, Line]] = {}
    for number, line in lines:
        first, before = found.setdefault(line.source_id, (number, line))
        if before.expected != line.expected:
            raise InvalidInput(
                _("Lines %(first)s and %(second)s name the same id «%(id)s» with different files.")
                % {"first": first, "second": number, "id": line.source_id[:80]},
                field="items", code="contradicting_lines", remedy=_("Correct the list at its source and give it again."),
            )  # fmt: skip
    return [line for _number, line in found.values()]
