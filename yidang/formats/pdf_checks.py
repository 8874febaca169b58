"""PDF at the door: password, scripts, programs, embedded files, page count, the first page."""

import io
import re
import tempfile
import zlib
from typing import Any

import pikepdf

from yidang.formats import pdf
from yidang.formats.lines import join_lines
from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.types import UNKNOWN, Format, Limits

_WORDS = (
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/EmbeddedFile",
    b"/EF",
    b"/Encrypt",
    b"/GoToR",
    b"/GoToE",
    b"/ImportData",
)
# Names may be written with their letters as numbers, to hide them from a search like this one.
_DISGUISED = re.compile(rb"/(?:[A-Za-z]|#[2-7][0-9A-Fa-f]){0,12}#[2-7][0-9A-Fa-f][A-Za-z#]")
_SEARCHED = 48 << 20
_UNPACKED = 16 << 20
_MOST_NODES = 20_000
_SAMPLE_PAGES = 5


def check(source: Source, known: Format, look: Look) -> None:
    """Find what would keep a PDF from being read in fifty years, or what would attack its reader today."""
    with pdf.opened(source) as document:
        look.pages = len(document)
        look.opened = True
        if not look.pages:
            look.add("no_pages")
            return
        if look.pages > look.limits.pages:
            look.add("too_many_pages", pages=look.pages, limit=look.limits.pages)
            return
        # Most files hold none of these words; only the others pay for a walk through all objects.
        if _suspicious(source):
            _walk(source, look)
        _pages(document, look)
    if b"%%EOF" not in source.tail(2048):
        look.add("repaired_on_opening")


def _suspicious(source: Source) -> bool:
    """Whether a word stands anywhere that is worth a walk through all objects; packed objects are unpacked for it."""
    if source.size > _SEARCHED:
        return True
    data = source.data
    if any(word in data for word in _WORDS) or _DISGUISED.search(data):
        return True
    budget, place = _UNPACKED, data.find(b"/ObjStm")
    while place >= 0:
        start = data.find(b"stream", place)
        if start < 0:
            return True
        start += 8 if data[start + 6 : start + 8] == b"\r\n" else 7
        try:
            text = zlib.decompressobj().decompress(data[start : start + _UNPACKED], budget)
        except zlib.error:
            return True  # packed in another way, or by somebody who hides something
        budget -= len(text)
        if budget <= 0 or any(word in text for word in _WORDS) or _DISGUISED.search(text):
            return True
        place = data.find(b"/ObjStm", start)
    return False


def _pages(document: Any, look: Look) -> None:
    wanted = range(len(document)) if look.fully else range(min(_SAMPLE_PAGES, len(document)))
    texts: list[str] = []
    for index in wanted:
        page = pdf.loaded(document, index + 1)
        if index == 0 or look.fully:
            lightness = pdf.draw_small(page, index + 1, 800 if look.fully else 160)
            if index == 0 and lightness > 250:
                look.add("blank_first_page")
        if sum(map(len, texts)) < look.limits.sample_characters:
            text = join_lines(pdf.page_text(page))
            texts.append(text)
            if not text.strip() and pdf.draws_anything(page):
                look.later.add("ocr")
        page.close()
    look.sample = "\n\n".join(texts)
    if len(document) > 1 and not look.fully:
        look.later.add("pages")


def _walk(source: Source, look: Look) -> None:
    """Go through every object for actions, scripts and embedded files."""
    try:
        opened = pikepdf.open(io.BytesIO(source.data) if source.size < 32 << 20 else source.file())
    except pikepdf.PasswordError:
        look.add("encrypted")
        return
    except (pikepdf.PdfError, ValueError, OverflowError, RuntimeError):
        look.add("repaired_on_opening")  # pdfium opened it all the same
        return
    with opened as document:
        if document.is_encrypted:
            look.add("restricted")
        names: list[str] = []
        for seen, item in enumerate(document.objects):
            if seen > _MOST_NODES:
                look.later.add("pages")
                break
            _judge(item, look, names, 0)
        if names:
            look.add("embedded_files", names=names[:10])


def _judge(item: Any, look: Look, names: list[str], depth: int) -> None:
    """One object and what stands directly inside it; references lead to objects that come by themselves."""
    if depth > 6:
        return
    if isinstance(item, pikepdf.Array):
        for element in list(item)[:2000]:
            if not getattr(element, "is_indirect", False):
                _judge(element, look, names, depth + 1)
        return
    if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        return
    kind = item.get("/S")
    if kind == "/JavaScript" or "/JS" in item:
        look.add("pdf_javascript")
    if kind in ("/Launch", "/ImportData"):
        look.add("pdf_launch")
    if kind in ("/GoToR", "/GoToE") and "/F" in item:
        look.add("external_links", count=1, first=str(item.get("/F"))[:80])
    if "/EF" in item:
        names.append(str(item.get("/UF") or item.get("/F") or "?")[:80])
    for key in item.keys():  # noqa: SIM118 — not a dict
        part: Any = item.get(key)
        if isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect:
            _judge(part, look, names, depth + 1)


def warm() -> None:
    """Check a small document, so that fonts and code are loaded."""
    canvas = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(200, 200))
        made.pages[0].Contents = made.make_stream(b"BT /F1 12 Tf 10 100 Td (Warm) Tj ET 0 0 50 50 re f")
        letters = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        made.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=letters))
        made.save(canvas)
    with tempfile.TemporaryFile() as file:
        file.write(canvas.getvalue())
        file.flush()
        source = Source(file.fileno(), "warm.pdf")
        check(source, UNKNOWN, Look(Limits()))
        _walk(source, Look(Limits()))
        with pdf.opened(source) as document:
            pdf.page_image(document, 1, 320)
