"""The visible watermark: who, department, when, from where, burnt into each page image on the server."""

import io
import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from yidang.access.fonts import font
from yidang.access.tracing import on_luma, traced_luma

ANGLE = 24
# Grey at this strength stays readable on white paper and on a dark photograph, and leaves the text below legible.
STRENGTH = 58


@lru_cache(maxsize=32)
def _layer(text: str, strength: int, width: int, height: int) -> Image.Image:
    """The strength of the mark for every pixel of a page: lines of the text, turned, over the whole page.

    Every quarter of the page carries the text at least once, so that cropping a corner does not remove it.
    """
    stamp = _stamp(text, max(11, width // 48), width * 11 // 20)
    layer = Image.new("L", (width, height), 0)
    # A slanted grid: along the text's own direction, then across it.
    along = stamp.text_width + stamp.size * 4
    across = max(stamp.size * 4 + stamp.text_height * 2, height // 7)
    slope = math.radians(ANGLE)
    reach = math.ceil(math.hypot(width, height))
    for row in range(-(reach // across) - 1, reach // across + 2):
        for column in range(-(reach // along) - 1, reach // along + 2):
            shift = column * along + (row % 2) * along / 2
            x = width / 2 + shift * math.cos(slope) + row * across * math.sin(slope)
            y = height / 2 - shift * math.sin(slope) + row * across * math.cos(slope)
            box = (round(x - stamp.image.width / 2), round(y - stamp.image.height / 2))
            if -stamp.image.width < box[0] < width and -stamp.image.height < box[1] < height:
                layer.paste(strength, box, stamp.image)
    return layer


class _Stamp(NamedTuple):
    image: Image.Image
    text_width: int
    text_height: int
    size: int


@lru_cache(maxsize=64)
def _stamp(text: str, size: int, most: int) -> _Stamp:
    """The text once, turned, in lines not much longer than half the page, so that each quarter holds it; drawing it for every place of the grid would cost ten times as much."""
    face = font(size)
    lines = "\n".join(_lines(text, face.getlength, most))
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), lines, font=face)
    flat = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
    ImageDraw.Draw(flat).multiline_text((2 - left, 2 - top), lines, font=face, fill=255, align="center")
    turned = flat.rotate(ANGLE, resample=Image.Resampling.BICUBIC, expand=True)
    return _Stamp(turned, flat.width, flat.height, size)


def _lines(text: str, length: Callable[[str], float], most: int) -> list[str]:
    """The text broken at its spaces; a word that is longer than a line is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and length(f"{lines[-1]} {word}") <= most:
            lines[-1] += f" {word}"
            continue
        while length(word) > most and len(word) > 1:
            cut = max(1, int(len(word) * most / length(word)))
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    return lines


def watermarked(clean: bytes, text: str, *, trace: int, strength: int = STRENGTH) -> bytes:
    """A page image with the text burnt in and the tracing mark over it, as JPEG.

    The mark darkens light ground and lightens dark ground, so that it is readable on both.

    :param clean: the clean page image in any format that Pillow reads; it was made by our own renderer
    :param trace: the number of the opening that the invisible mark carries
    :param strength: how much of 255 the mark changes the ground
    """
    with Image.open(io.BytesIO(clean)) as opened:
        opened.draft("YCbCr", opened.size)
        marked = on_luma(opened, lambda luma: _marked_luma(luma, text, strength), lambda luma: traced_luma(luma, trace))
    out = io.BytesIO()
    marked.save(out, "JPEG", quality=82)
    return out.getvalue()


def _marked(page: Image.Image, text: str, strength: int) -> Image.Image:
    return on_luma(page, lambda luma: _marked_luma(luma, text, strength))


def _marked_luma(luma: Image.Image, text: str, strength: int) -> Image.Image:
    luma.paste(luma.point(_contrast), mask=_layer(text, strength, *luma.size))
    return luma


def sample(text: str, strength: int, *, dark: bool) -> bytes:
    """A made-up page with the mark, for whoever writes its template."""
    page = Image.new("RGB", (1200, 848), (38, 40, 44) if dark else (255, 255, 255))
    brush = ImageDraw.Draw(page)
    for line in range(9):
        colour = (205, 205, 205) if dark else (25, 25, 25)
        brush.text((90, 80 + line * 80), "各科室请遵照执行，现将有关事项通知如下。" * 2, font=font(24), fill=colour)
    out = io.BytesIO()
    _marked(page, text, strength).save(out, "JPEG", quality=82)
    return out.getvalue()


_contrast = [0 if value > 110 else 255 for value in range(256)]
