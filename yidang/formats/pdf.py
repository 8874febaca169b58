"""PDF by pdfium: opening, pages, text, rendering. Runs inside the cage."""

import contextlib
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from yidang.formats.findings import finding
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

_IN_MEMORY = 32 << 20
_PASSWORD = "Incorrect password"  # noqa: S105 — pdfium's words
_MOST_SIDE = 14_400  # points; the largest page that PDF 1.7 allows


@contextlib.contextmanager
def opened(source: Source) -> Iterator[pdfium.PdfDocument]:
    """A PDF, open.

    :raises ReadingFailed: it needs a password, or is no PDF inside
    """
    try:
        document = pdfium.PdfDocument(source.data if source.size <= _IN_MEMORY else source.file(), autoclose=True)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or _PASSWORD in str(error):
            raise ReadingFailed(finding("encrypted")) from error
        raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error
    try:
        yield document
    finally:
        document.close()


def page_text(page: pdfium.PdfPage) -> str:
    """The characters of a page in reading order as pdfium gives them, lines as they stand."""
    reader = page.get_textpage()
    try:
        # pdfium marks a hyphen that it took out with U+0002 or U+FFFE; the word goes on there.
        text = reader.get_text_bounded(errors="ignore") if reader.count_chars() else ""
    finally:
        reader.close()
    return text.replace("\r\n", "\n").replace("\x02", "").replace("\ufffe", "").replace("\x00", "")


def page_image(document: pdfium.PdfDocument, number: int, width: int) -> Image.Image:
    """A page as an image so many pixels wide; pages from 1.

    :raises ReadingFailed: there is no such page, or it does not render
    """
    if not 1 <= number <= len(document):
        raise ReadingFailed(finding("page_absent", page=number, pages=len(document)))
    try:
        page = document[number - 1]
        across, down = page.get_size()
        if not (0 < across <= _MOST_SIDE * 10 and 0 < down <= _MOST_SIDE * 10):
            raise ReadingFailed(finding("page_broken", page=number))
        # A page much taller than wide is made narrower, so that its image stays within bounds.
        scale = min(width / across, 6 * width / down)
        bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=True)
        image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
    except pdfium.PdfiumError as error:
        raise ReadingFailed(finding("page_broken", page=number)) from error
    return image


def loaded(document: pdfium.PdfDocument, number: int) -> pdfium.PdfPage:
    """A page, read; where a font is not in the file this is most of the cost, so that whoever needs it twice keeps it.

    :raises ReadingFailed: the page is not there for anyone
    """
    try:
        return document[number - 1]
    except pdfium.PdfiumError as error:
        raise ReadingFailed(finding("page_broken", page=number)) from error


def draw_small(page: pdfium.PdfPage, number: int, width: int) -> int:
    """Draw a page in grey to see that it can be drawn; the answer is its darkest value, 255 for an empty page.

    :raises ReadingFailed: it does not render
    """
    try:
        across, down = page.get_size()
        if not (0 < across <= _MOST_SIDE * 10 and 0 < down <= _MOST_SIDE * 10):
            raise ReadingFailed(finding("page_broken", page=number))
        bitmap = page.render(scale=min(width / across, 6 * width / down), grayscale=True, may_draw_forms=False)
        darkest = int(bitmap.to_pil().getextrema()[0])
        bitmap.close()
    except pdfium.PdfiumError as error:
        raise ReadingFailed(finding("page_broken", page=number)) from error
    return darkest


def draws_anything(page: pdfium.PdfPage) -> bool:
    """Whether there is an image or a drawing on the page, so that a page without text is worth recognising."""
    objects = page.get_objects(max_depth=3)
    return any(thing.type in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM) for thing in objects)
