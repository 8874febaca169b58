"""Pictures: scanned pages with a scanner's faults, photographs with their EXIF data."""

import io
import math
import random
from datetime import datetime
from typing import Any

from PIL import Image, ImageDraw

from yidang.demo.papers.fonts import for_pictures
from yidang.demo.papers.paper import Paper, width
from yidang.demo.papers.pdf import bound_scans

# A4 at 120 dots per inch: readable for text recognition, small enough for three hundred of them.
PAGE = (992, 1403)
RED = (200, 30, 40)


def scanned_page(paper: Paper, rng: random.Random, *, start: int = 0) -> tuple[Image.Image, int]:
    """One page of the paper as a scanner sees it: grey paper, slightly turned, with specks and a shadow at the edge.

    :param start: the first line of this page
    :returns: the picture, and the line with which the next page begins
    """
    size, leading, left, top = 24, 40, 110, 120
    lines = paper.lines((PAGE[0] - 2 * left) / size)
    shown = lines[start : start + (PAGE[1] - 2 * top) // leading - 1]
    # Only a red head needs colour; scanners save grey pages as grey.
    red = start == 0 and bool(paper.issuer)
    image = Image.new("RGB" if red else "L", PAGE, _grey(rng.randint(238, 250), red))
    pen = ImageDraw.Draw(image)
    titles = 3 if paper.issuer else 1
    down = top
    for place, text in enumerate(shown):
        heading = start == 0 and place < titles
        points = (44 if paper.issuer and place == 0 else 30) if heading else size
        font = for_pictures(points if width(text) * points < PAGE[0] - 2 * left else size)
        x = (PAGE[0] - pen.textlength(text, font=font)) / 2 if heading else left
        ink = RED if red and place == 0 else _grey(rng.randint(25, 60), red)
        pen.text((x, down), text, font=font, fill=ink)
        down += leading + (24 if points > 40 else 0)
    for _ in range(rng.randint(15, 60)):
        x, y, r = rng.randrange(PAGE[0]), rng.randrange(PAGE[1]), rng.choice((1, 1, 1, 2))
        pen.ellipse((x, y, x + r, y + r), fill=_grey(rng.randint(90, 170), red))
    pen.line((3, 0, 3, PAGE[1]), fill=_grey(200, red), width=rng.randint(2, 6))
    turned = image.rotate(rng.uniform(-0.9, 0.9), resample=Image.Resampling.BILINEAR, fillcolor=_grey(243, red))
    return turned, start + len(shown)


def _grey(shade: int, colour: bool) -> int | tuple[int, int, int]:
    return (shade, shade, shade) if colour else shade


def scan(paper: Paper, rng: random.Random, *, format: str = "JPEG") -> bytes:
    """The first page of a paper as one picture.

    :param format: JPEG, PNG or TIFF
    """
    return _saved(scanned_page(paper, rng)[0], format)


def scans(paper: Paper, rng: random.Random) -> list[bytes]:
    """All pages of a paper as JPEG pictures."""
    found, start, last = [], 0, len(paper.lines((PAGE[0] - 220) / 24))
    while start < last:
        image, start = scanned_page(paper, rng, start=start)
        found.append(_saved(image, "JPEG"))
    return found


def scanned_book(paper: Paper, rng: random.Random) -> bytes:
    """All pages of a paper as pictures in one PDF."""
    return bound_scans(paper.title, scans(paper, rng))


def scanned_tiff(paper: Paper, rng: random.Random) -> bytes:
    """All pages of a paper in one black-and-white TIFF, as document scanners write it."""
    pages, start, last = [], 0, len(paper.lines((PAGE[0] - 220) / 24))
    while start < last:
        image, start = scanned_page(paper, rng, start=start)
        pages.append(image.convert("L").point(lambda grey: 255 if grey > 165 else 0).convert("1"))
    result = io.BytesIO()
    pages[0].save(result, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(120, 120))
    return result.getvalue()


def _saved(image: Image.Image, format: str) -> bytes:
    result = io.BytesIO()
    options: dict[str, Any] = {}
    if format == "JPEG":
        options = {"quality": 72, "dpi": (120, 120)}
    elif format == "TIFF":
        options = {"compression": "tiff_lzw"}
    (image.convert("L") if format == "PNG" else image).save(result, format, **options)
    return result.getvalue()


def photo(caption: str, rng: random.Random, *, taken: datetime, by: str) -> bytes:
    """A picture of a hospital under a sky, with a banner and people; EXIF data say when and by whom it was taken."""
    wide, high = 1280, 853
    top, low = (rng.randint(90, 150), rng.randint(150, 200), 235), (225, 235, 245)
    column = Image.new("RGB", (1, high))
    for y in range(high):
        column.putpixel((0, y), tuple(round(a + (b - a) * y / high) for a, b in zip(top, low, strict=True)))
    image = column.resize((wide, high))
    pen = ImageDraw.Draw(image)
    ground = round(high * 0.74)
    pen.rectangle((0, ground, wide, high), fill=(150, 160, 150))
    _building(pen, rng, wide, ground)
    pen.rectangle((170, ground - 60, wide - 170, ground - 6), fill=(190, 30, 40))
    size = round(min(38.0, (wide - 380) / max(1.0, width(caption))))
    font = for_pictures(size)
    pen.text(
        ((wide - pen.textlength(caption, font=font)) / 2, ground - 33 - size * 0.7),
        caption,
        font=font,
        fill=(255, 240, 200),
    )
    for place in range(rng.randint(7, 16)):
        x, y, tall = rng.randint(80, wide - 80), ground + 40 + place * 6, rng.randint(95, 125)
        coat = rng.choice([(245, 245, 248), (245, 245, 248), (60, 80, 130), (90, 150, 160)])
        pen.ellipse((x - 15, y - tall, x + 15, y - tall + 32), fill=(228, 190, 165))
        pen.rounded_rectangle((x - 24, y - tall + 32, x + 24, y), 12, fill=coat)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B], exif[0x010E] = "Renhe", "YD-1", by, caption
    exif[0x0132] = f"{taken:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d %H:%M:%S}"
    result = io.BytesIO()
    image.save(result, "JPEG", quality=82, exif=exif)
    return result.getvalue()


def _building(pen: ImageDraw.ImageDraw, rng: random.Random, wide: int, ground: int) -> None:
    left, floors = 110, rng.randint(6, 11)
    tall = floors * 44
    wall = rng.choice([(235, 230, 220), (220, 228, 235), (240, 238, 232)])
    pen.rectangle((left, ground - tall, wide - left, ground), fill=wall, outline=(120, 120, 120))
    for floor in range(floors):
        for window in range(18):
            x, y = left + 24 + window * 57, ground - tall + 12 + floor * 44
            lit = rng.random() < 0.2
            pen.rectangle((x, y, x + 34, y + 24), fill=(250, 235, 170) if lit else (110, 150, 180))
    middle = wide / 2
    pen.rectangle((middle - 32, ground - tall - 74, middle + 32, ground - tall - 10), fill=(255, 255, 255))
    for angle in (0, 90):
        dx, dy = 22 * math.cos(math.radians(angle)) or 0, 22 * math.sin(math.radians(angle)) or 0
        pen.line((middle - dx, ground - tall - 42 - dy, middle + dx, ground - tall - 42 + dy), fill=RED, width=14)
