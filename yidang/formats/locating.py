"""Where words stand on a page, as parts of its width and height. Runs inside the cage."""

import re
from typing import Any

import pypdfium2.raw as raw

from yidang.formats import pdf
from yidang.formats.findings import finding
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

_WHOLE = [0.0, 0.0, 1.0, 1.0]
_MOST = 2000


def locate(sources: list[Source], page: int, patterns: list[str]) -> tuple[Any, bytes]:
    """The deed: the places (left, top, right, bottom) on one page of a PDF where a pattern matches its own text.

    A page that is turned, or whose text lies outside it, answers with the whole page: better too much than too little.
    """
    with pdf.opened(sources[0]) as document:
        if not 1 <= page <= len(document):
            raise ReadingFailed(finding("page_absent", page=page, pages=len(document)))
        sheet = document[page - 1]
        reader = sheet.get_textpage()
        try:
            # One letter for each of pdfium's, so that places in the text are places on the page.
            letters = (raw.FPDFText_GetUnicode(reader, at) for at in range(reader.count_chars()))
            text = "".join(chr(letter) if 0 < letter < 0x110000 else " " for letter in letters)
            spans = [match.span() for pattern in patterns for match in re.finditer(pattern, text)]
            if spans and sheet.get_rotation():
                return [_WHOLE], b""
            box = sheet.get_cropbox()
            return [_place(rect, box) for start, end in spans[:_MOST] for rect in _rects(reader, start, end)], b""
        finally:
            reader.close()


def under(sources: list[Source], page: int, places: list[list[float]]) -> tuple[Any, bytes]:
    """The deed: for each place of one page of a PDF the page's own text that stands there; of a turned page nothing is known."""
    with pdf.opened(sources[0]) as document:
        if not 1 <= page <= len(document):
            raise ReadingFailed(finding("page_absent", page=page, pages=len(document)))
        sheet = document[page - 1]
        if sheet.get_rotation():
            return ["" for _place in places], b""
        box, reader = sheet.get_cropbox(), sheet.get_textpage()
        across, down = box[2] - box[0], box[3] - box[1]
        try:
            return [
                reader.get_text_bounded(
                    left=box[0] + left * across, bottom=box[3] - bottom * down,
                    right=box[0] + right * across, top=box[3] - top * down,
                )
                for left, top, right, bottom in places
            ], b""  # fmt: skip
        finally:
            reader.close()


def _rects(reader: Any, start: int, end: int) -> list[tuple[float, float, float, float]]:
    return [reader.get_rect(number) for number in range(reader.count_rects(start, end - start))]


def _place(rect: tuple[float, float, float, float], box: tuple[float, float, float, float]) -> list[float]:
    left, bottom, right, top = rect
    across, down = box[2] - box[0], box[3] - box[1]
    pad = max((top - bottom) * 0.25, 2.0)  # glyphs stand a little outside the box that the font tells
    place = [
        (left - pad - box[0]) / across, (box[3] - top - pad) / down,
        (right + pad - box[0]) / across, (box[3] - bottom + pad) / down,
    ]  # fmt: skip
    inside = [min(max(part, 0.0), 1.0) for part in place]
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else _WHOLE
