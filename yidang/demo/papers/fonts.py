"""The one font of the demonstration: a part of Noto Serif SC, shipped, so that pages look the same on every machine."""

import functools
from pathlib import Path

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FILE = Path(__file__).parents[1] / "data" / "demo-song.ttf"
NAME = "YidangDemoSong"


@functools.cache
def for_pdf() -> str:
    """The font's name in reportlab; only the characters that a file uses are embedded into it."""
    pdfmetrics.registerFont(TTFont(NAME, str(FILE)))
    return NAME


@functools.cache
def for_pictures(size: int) -> ImageFont.FreeTypeFont:
    """The font for drawing, in pixels."""
    return ImageFont.truetype(str(FILE), size)
