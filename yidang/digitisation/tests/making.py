"""Real files for the tests of this package, as bytes."""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from yidang.formats.tests import making

FONT = Path(__file__).resolve().parents[2] / "demo" / "data" / "demo-song.ttf"


def pdf(folder: Path, *pages: str) -> bytes:
    """A PDF with one line of text on each page."""
    return making.pdf(folder / "made.pdf", [[page] for page in pages]).read_bytes()


def scan(*pages: str, size: tuple[int, int] = (1000, 700)) -> bytes:
    """Scanned pages: pictures of a line each, in one TIFF."""
    images = []
    for page in pages:
        image = Image.new("RGB", size, "white")
        ImageDraw.Draw(image).text((60, 120), page, fill="black", font=ImageFont.truetype(str(FONT), 52))
        images.append(image)
    stream = io.BytesIO()
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw")
    return stream.getvalue()
