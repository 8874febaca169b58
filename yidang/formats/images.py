"""Images by Pillow: pages, their size, turned upright. Runs inside the cage."""

from typing import Any

from PIL import Image, ImageOps

from yidang.formats.findings import finding
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

# Pillow warns at this size and refuses at twice; our own limit comes first and is told in words.
Image.MAX_IMAGE_PIXELS = 250_000_000


def count(image: Any, most: int) -> int:
    """The number of pages, counted no further than ``most``; an animation has one."""
    if image.format not in ("TIFF", "MPO", "ICNS"):
        return 1
    pages = 1
    try:
        while pages < most:
            image.seek(pages)
            pages += 1
    except EOFError:
        image.seek(0)
        return pages
    image.seek(0)
    return pages


def page(source: Source, number: int, width: int | None) -> Image.Image:
    """A page of an image, upright, on white.

    :raises ReadingFailed: there is no such page, or it does not decode
    """
    try:
        image: Image.Image = Image.open(source.file())
        pages = count(image, max(number, 1) + 1)
        if not 1 <= number <= pages:
            raise ReadingFailed(finding("page_absent", page=number, pages=pages))
        image.seek(number - 1)
        if width is not None:
            image.draft("RGB", (width, width))
        image = ImageOps.exif_transpose(image)
    except (OSError, EOFError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error
    return on_white(image)


def on_white(image: Image.Image) -> Image.Image:
    """The image in RGB; what is transparent becomes white."""
    if image.mode in ("I;16", "I;16B", "I", "F"):
        low, high = image.getextrema()
        span = max(1.0, float(high) - float(low))  # type: ignore[arg-type]
        return image.convert("F").point(lambda value: (value - float(low)) * 255.0 / span).convert("L").convert("RGB")  # type: ignore[arg-type]
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def fit(image: Image.Image, width: int) -> Image.Image:
    """The image so many pixels wide; never enlarged more than twice."""
    wanted = min(width, image.width * 2)
    if wanted == image.width:
        return image
    height = max(1, min(round(image.height * wanted / image.width), 6 * width))
    return image.resize((wanted, height), Image.Resampling.LANCZOS)
