"""The invisible tracing mark: which opening a page image belongs to, laid over the whole page as a repeated faint tile.

A tile is a sum of patterns in a narrow band of frequencies: one that is always there, by which a reader finds scale,
rotation and place, and one for each bit of the payload. The bits are the opening's number and a check sum.
"""

import hashlib
import zlib
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

Pattern = NDArray[np.float32]

TILE = 128  # pixels of a side at the reference width
REFERENCE_WIDTH = 1240
NUMBER_BITS, CHECK_BITS = 32, 24
BITS = NUMBER_BITS + CHECK_BITS
# Cycles in a tile: below, text and shades drown it; above, scaling by half and JPEG take it away.
_BAND = (5.0, 15.0)
# Of 255 grey levels: what white loses, and the strength of the mark around that.
DEPTH = 7
_STRENGTH = 2.6
_SYNC_SHARE = 0.55  # of the mark's energy
_LOWER = [round(value * (255 - 2 * DEPTH) / 255) for value in range(256)]


def payload(number: int) -> NDArray[np.int8]:
    """An opening's number and its check sum as bits of −1 and 1.

    :raises ValueError: the number does not fit
    """
    if not 0 < number < 1 << NUMBER_BITS:
        raise ValueError(number)
    value = number << CHECK_BITS | _check(number)
    return np.array([1 if value >> place & 1 else -1 for place in reversed(range(BITS))], dtype=np.int8)


def number_in(bits: NDArray[np.int8]) -> int | None:
    """The opening's number that bits hold; nothing when the check sum disagrees."""
    value = int("".join("1" if bit > 0 else "0" for bit in bits), 2)
    number, check = value >> CHECK_BITS, value & (1 << CHECK_BITS) - 1
    return number if number and check == _check(number) else None


def _check(number: int) -> int:
    digest = hashlib.sha256(b"yidang.trace" + number.to_bytes(4, "big")).digest()
    return int.from_bytes(digest[:3], "big")


@cache
def patterns() -> tuple[Pattern, Pattern]:
    """The constant pattern and, one a row, the patterns of the bits: all at right angles, each of unit energy."""
    random = np.random.default_rng(zlib.crc32(b"yidang tracing mark 1"))
    frequencies = np.fft.fftfreq(TILE, 1 / TILE)
    radius = np.hypot(*np.meshgrid(frequencies, frequencies))
    band = (radius >= _BAND[0]) & (radius <= _BAND[1])
    noise = random.standard_normal((BITS + 1, TILE, TILE))
    filtered = np.fft.ifft2(np.fft.fft2(noise) * band).real.reshape(BITS + 1, -1)
    columns, _triangle = np.linalg.qr(filtered.T)
    rows = np.ascontiguousarray(columns.T, dtype=np.float32)
    return rows[0].reshape(TILE, TILE), rows[1:]


@lru_cache(maxsize=64)
def _tile(number: int) -> Pattern:
    """The tile of one opening, in grey levels around zero."""
    always, bits = patterns()
    message = (payload(number).astype(np.float32) @ bits).reshape(TILE, TILE) / BITS**0.5
    mark = _SYNC_SHARE**0.5 * always + (1 - _SYNC_SHARE) ** 0.5 * message
    return np.clip(mark * TILE * _STRENGTH, -DEPTH, DEPTH).astype(np.float32)


@lru_cache(maxsize=24)
def _ground(number: int, width: int, height: int) -> Image.Image:
    """The mark over a whole page of a size, 0 to twice the depth; made once for each opening and size."""
    side = TILE * width / REFERENCE_WIDTH
    tile = np.rint(_tile(number) + DEPTH).astype(np.uint8)
    # The reader counts on an exact period: the whole tiled ground is scaled at once, never the single tile.
    ground = Image.fromarray(np.tile(tile, (int(height / side) + 2, int(width / side) + 2)))
    box = (0, 0, width * TILE / side, height * TILE / side)
    return ground.resize((width, height), Image.Resampling.BILINEAR, box=box)


def traced(image: Image.Image, number: int) -> Image.Image:
    """A page image with the mark of an opening: its range is narrowed by a few levels, and the mark added."""
    return on_luma(image, lambda luma: traced_luma(luma, number))


def traced_luma(luma: Image.Image, number: int) -> Image.Image:
    """As :func:`traced`, for a page's brightness alone."""
    return ImageChops.add(luma.point(_LOWER), _ground(number, *luma.size))


def on_luma(image: Image.Image, *changes: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """An image whose brightness went through these changes, in the form in which JPEG keeps it.

    All marks are grey, so colour has no part in them: a third of the work, and no conversion between two JPEG files.
    """
    if image.mode not in {"YCbCr", "RGB", "L"}:
        image = image.convert("RGB")
    luma, blue, red = (image if image.mode == "YCbCr" else image.convert("YCbCr")).split()
    for change in changes:
        luma = change(luma)
    return Image.merge("YCbCr", (luma, blue, red))
