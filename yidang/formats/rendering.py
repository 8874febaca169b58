"""Pages as images. Runs inside the cage; Office files come here as the PDF that LibreOffice made."""

import io
import unicodedata
from typing import Any

from PIL import Image, ImageDraw

from yidang.formats import extracting, fonts, images, ofd, ofd_drawing, pdf
from yidang.formats.findings import finding
from yidang.formats.source import Source
from yidang.formats.types import Format, ReadingFailed

VERSION = 1  # raised when pages look different, so that kept images are made again
_ENCODINGS = {"webp": {"quality": 82, "method": 1}, "jpeg": {"quality": 85}, "png": {"compress_level": 4}}
_TEXTS = ("text", "html", "xml", "json", "email")


def _page(source: Source, known: Format, number: int, width: int) -> Image.Image:
    if known.kind == "pdf":
        with pdf.opened(source) as document:
            return pdf.page_image(document, number, width)
    if known.kind == "image":
        return images.fit(images.page(source, number, width), width)
    if known.kind == "ofd":
        return ofd_drawing.page_image(source, number, width)
    if known.kind in _TEXTS:
        return _text_page(extracting.of_markup(source.data, known), number, width)
    raise ReadingFailed(finding("not_rendered", name=known.name))


def render(sources: list[Source], format: dict[str, Any], page: int, width: int, encoding: str) -> tuple[Any, bytes]:
    """The deed: one page of one file as an image so many pixels wide."""
    image = _page(sources[0], Format.from_json(format), page, width)
    out = io.BytesIO()
    image.save(out, encoding, **_ENCODINGS[encoding])
    return {"width": image.width, "height": image.height}, out.getvalue()


def pages(sources: list[Source], format: dict[str, Any]) -> tuple[Any, bytes]:
    """The deed: how many pages a file has; nothing if it has none that could be shown."""
    source, known = sources[0], Format.from_json(format)
    if known.kind == "pdf":
        with pdf.opened(source) as document:
            return len(document), b""
    if known.kind == "image":
        try:
            return images.count(Image.open(source.file()), 20_000), b""
        except (OSError, ValueError, SyntaxError) as error:
            raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error
    if known.kind == "ofd":
        return len(ofd.Package(source).pages), b""
    if known.kind in _TEXTS:
        return len(extracting.of_markup(source.data, known)), b""
    return None, b""


def _text_page(all_pages: list[Any], number: int, width: int) -> Image.Image:
    """A page of text on A4, in a font with Chinese, lines wrapped where the page ends."""
    if not 1 <= number <= len(all_pages):
        raise ReadingFailed(finding("page_absent", page=number, pages=len(all_pages)))
    height = round(width * 297 / 210)
    image = Image.new("RGB", (width, height), "white")
    brush = ImageDraw.Draw(image)
    size = max(4, round(width / 54))
    face = fonts.font("sans", size)
    margin, step = round(width * 0.09), height * 0.86 / extracting.PAGE_LINES
    down = height * 0.06
    for line in _wrapped(all_pages[number - 1].text):
        brush.text((margin, down), line, font=face, fill=(20, 20, 20))
        down += step
    label = f"{number} / {len(all_pages)}"
    brush.text((width / 2, height * 0.96), label, font=face, fill=(120, 120, 120), anchor="mm")
    return image


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.expandtabs(4).split("\n"):
        current, used = "", 0
        for char in line:
            if unicodedata.category(char) in ("Cc", "Cs", "Co"):
                continue
            wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
            if used + wide > extracting.PAGE_WIDTH:
                lines.append(current)
                current, used = "", 0
            current, used = current + char, used + wide
        lines.append(current)
    return lines[: extracting.PAGE_LINES * 2]


def warm() -> None:
    """Open fonts and the encoder, so that the first page comes quickly."""
    fonts.warm()
    Image.new("RGB", (8, 8)).save(io.BytesIO(), "webp")
