"""Images at the door: how many pixels before any is decoded, whether all are there."""

import struct

from PIL import Image, UnidentifiedImageError

from yidang.formats import images
from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.types import Format


def check(source: Source, known: Format, look: Look) -> None:
    """Open an image without decoding, judge its size, then decode its first page."""
    try:
        image = Image.open(source.file())
        width, height = image.size
        if width * height > look.limits.pixels:
            look.add("too_many_pixels", width=width, height=height)
            return
        look.pages = images.count(image, look.limits.pages + 1)
        if look.pages > look.limits.pages:
            look.add("too_many_pages", pages=look.pages, limit=look.limits.pages)
            return
        look.opened = True
        look.later.add("ocr")
        if look.pages > 1:
            look.later.add("pages")
        _decode(image, look)
    except UnidentifiedImageError:
        look.add("broken", reason="no image inside")
    except Image.DecompressionBombError:
        look.add("too_many_pixels", width="?", height="?")
    except (OSError, EOFError) as error:
        look.add("truncated" if "truncated" in str(error) or "EOF" in str(error) else "broken", reason=str(error)[:120])
    except (ValueError, SyntaxError, struct.error, KeyError, TypeError, OverflowError, IndexError) as error:
        look.add("broken", reason=f"{type(error).__name__}: {error}"[:120])


def _decode(image: Image.Image, look: Look) -> None:
    """Every page when looked at fully, else the first; a large JPEG is decoded at a part of its size."""
    for index in range(look.pages or 1) if look.fully else (0,):
        image.seek(index)
        if image.size[0] * image.size[1] > look.limits.pixels:
            look.add("too_many_pixels", width=image.size[0], height=image.size[1])
            return
        image.draft("L", (320, 320))
        image.load()


def warm() -> None:
    """Load Pillow's readers."""
    Image.init()
