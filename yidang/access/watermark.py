"""The visible watermark: who, department, when, from where, burnt into each page image on the server."""

import io
import math
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from yidang.access.fonts import font
from yidang.access.tracing import traced

ANGLE = 24
# Grey at this strength stays readable on white paper and on a dark photograph, and leaves the text below legible.
STRENGTH = 58


@lru_cache(maxsize=32)
def _layer(text: str, width: int, height: int) -> Image.Image:
    """The strength of the mark for every pixel of a page: lines of the text, turned, over the whole page.

    Every quarter of the page carries the text at least once, so that cropping a corner does not remove it.
    """
    stamp = _stamp(text, max(11, width // 48))
    layer = Image.new("L", (width, height), 0)
    # A slanted grid: along the text's own direction, then across it.
    along = stamp.text_width + stamp.size * 4
    across = max(stamp.size * 6, height // 7)
    slope = math.radians(ANGLE)
    reach = math.ceil(math.hypot(width, height))
    for row in range(-(reach // across) - 1, reach // across + 2):
        for column in range(-(reach // along) - 1, reach // along + 2):
            shift = column * along + (row % 2) * along / 2
            x = width / 2 + shift * math.cos(slope) + row * across * math.sin(slope)
            y = height / 2 - shift * math.sin(slope) + row * across * math.cos(slope)
            box = (round(x - stamp.image.width / 2), round(y - stamp.image.height / 2))
            if -stamp.image.width < box[0] < width and -stamp.image.height < box[1] < height:
                layer.paste(STRENGTH, box, stamp.image)
    return layer


class _Stamp(NamedTuple):
    image: Image.Image
    text_width: int
    size: int


@lru_cache(maxsize=64)
def _stamp(text: str, size: int) -> _Stamp:
    """The text once, turned; drawing it for every place of the grid would cost ten times as much."""
    face = font(size)
    left, top, right, bottom = face.getbbox(text)
    flat = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
    ImageDraw.Draw(flat).text((2 - left, 2 - top), text, font=face, fill=255)
    return _Stamp(flat.rotate(ANGLE, resample=Image.Resampling.BICUBIC, expand=True), flat.width, size)


def watermarked(clean: bytes, text: str, *, trace: int) -> bytes:
    """A page image with the text burnt in and the tracing mark over it, as JPEG.

    The mark darkens light ground and lightens dark ground, so that it is readable on both.

    :param clean: the clean page image in any format that Pillow reads; it was made by our own renderer
    :param trace: the number of the opening that the invisible mark carries
    """
    with Image.open(io.BytesIO(clean)) as opened:
        page = opened.convert("RGB")
    layer = _layer(text, *page.size)
    ground = page.convert("L").point(_contrast)
    page.paste(Image.merge("RGB", (ground, ground, ground)), mask=layer)
    out = io.BytesIO()
    traced(page, trace).save(out, "JPEG", quality=82)
    return out.getvalue()


_contrast = [0 if value > 110 else 255 for value in range(256)]
