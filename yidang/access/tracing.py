"""The invisible tracing mark: which opening a page image belongs to, laid over the whole page as a repeated faint tile.

A tile is a sum of patterns in a narrow band of frequencies: one that is always there, by which a reader finds scale,
rotation and place, and one for each bit of the payload. The bits are the opening's number and a check, enciphered.
Patterns and cipher come from the hospital's own key: who does not have it can neither read a mark nor write one.
"""

import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, ImageChops

from yidang.common.signing import keep_secret

Pattern = NDArray[np.float32]

NAME, KEY_BYTES = "tracing.key", 32
TILE = 128  # pixels of a side at the reference width
REFERENCE_WIDTH = 1240
NUMBER_BITS, CHECK_BITS = 32, 24
BITS = NUMBER_BITS + CHECK_BITS
_HALF, _TURNS = BITS // 2, 8
# Cycles in a tile: below, text and shades drown it; above, scaling by half and JPEG take it away.
_BAND = (5.0, 15.0)
# Of 255 grey levels: what white loses, and the strength of the mark around that.
DEPTH = 7
_STRENGTH = 2.6
_SYNC_SHARE = 0.55  # of the mark's energy
_LOWER = [round(value * (255 - 2 * DEPTH) / 255) for value in range(256)]


def present_key() -> bytes:
    """The hospital's key of the marks, made on first use; read once by each process."""
    return _kept(Path(settings.DATA) / "keys" / NAME)


def all_keys() -> list[bytes]:
    """The present key, then the former ones: a key that was replaced keeps its file, with an ending."""
    folder = Path(settings.DATA) / "keys"
    return [present_key(), *(_kept(path) for path in sorted(folder.glob(f"{NAME}.*")))]


@lru_cache(maxsize=16)
def _kept(path: Path) -> bytes:
    if not path.exists():
        keep_secret(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()


def payload(number: int, secret: bytes) -> NDArray[np.int8]:
    """An opening's number and its check as enciphered bits of −1 and 1.

    :raises ValueError: the number does not fit
    """
    if not 0 < number < 1 << NUMBER_BITS:
        raise ValueError(number)
    value = _enciphered(number << CHECK_BITS, secret)
    return np.array([1 if value >> place & 1 else -1 for place in reversed(range(BITS))], dtype=np.int8)


def number_in(bits: NDArray[np.int8], secret: bytes) -> int | None:
    """The opening's number that bits hold; nothing when what was enciphered beside it is not all nought."""
    value = _deciphered(int("".join("1" if bit > 0 else "0" for bit in bits), 2), secret)
    return (value >> CHECK_BITS) or None if value & (1 << CHECK_BITS) - 1 == 0 else None


def _enciphered(value: int, secret: bytes) -> int:
    """A Feistel network over the whole payload: one changed bit changes all, and only the key's owner makes a valid one."""
    left, right = value >> _HALF, value & (1 << _HALF) - 1
    for turn in range(_TURNS):
        left, right = right, left ^ _mixed(turn, right, secret)
    return left << _HALF | right


def _deciphered(value: int, secret: bytes) -> int:
    left, right = value >> _HALF, value & (1 << _HALF) - 1
    for turn in reversed(range(_TURNS)):
        left, right = right ^ _mixed(turn, left, secret), left
    return left << _HALF | right


def _mixed(turn: int, half: int, secret: bytes) -> int:
    digest = hmac.digest(secret, b"payload" + bytes([turn]) + half.to_bytes(4, "big"), "sha256")
    return int.from_bytes(digest[:4], "big") & (1 << _HALF) - 1


def patterns() -> tuple[Pattern, Pattern]:
    """The patterns of the present key."""
    return patterns_of(present_key())


@lru_cache(maxsize=8)
def patterns_of(secret: bytes) -> tuple[Pattern, Pattern]:
    """The constant pattern and, one a row, the patterns of the bits: all at right angles, each of unit energy."""
    random = np.random.default_rng(int.from_bytes(hmac.digest(secret, b"patterns", "sha256"), "big"))
    frequencies = np.fft.fftfreq(TILE, 1 / TILE)
    radius = np.hypot(*np.meshgrid(frequencies, frequencies))
    band = (radius >= _BAND[0]) & (radius <= _BAND[1])
    noise = random.standard_normal((BITS + 1, TILE, TILE))
    filtered = np.fft.ifft2(np.fft.fft2(noise) * band).real.reshape(BITS + 1, -1)
    columns, _triangle = np.linalg.qr(filtered.T)
    rows = np.ascontiguousarray(columns.T, dtype=np.float32)
    return rows[0].reshape(TILE, TILE), rows[1:]


@lru_cache(maxsize=64)
def _tile(number: int, secret: bytes) -> Pattern:
    """The tile of one opening, in grey levels around zero."""
    always, bits = patterns_of(secret)
    message = (payload(number, secret).astype(np.float32) @ bits).reshape(TILE, TILE) / BITS**0.5
    mark = _SYNC_SHARE**0.5 * always + (1 - _SYNC_SHARE) ** 0.5 * message
    return np.clip(mark * TILE * _STRENGTH, -DEPTH, DEPTH).astype(np.float32)


@lru_cache(maxsize=24)
def _ground(number: int, secret: bytes, width: int, height: int) -> Image.Image:
    """The mark over a whole page of a size, 0 to twice the depth; made once for each opening and size."""
    side = TILE * width / REFERENCE_WIDTH
    tile = np.rint(_tile(number, secret) + DEPTH).astype(np.uint8)
    # The reader counts on an exact period: the whole tiled ground is scaled at once, never the single tile.
    ground = Image.fromarray(np.tile(tile, (int(height / side) + 2, int(width / side) + 2)))
    box = (0, 0, width * TILE / side, height * TILE / side)
    return ground.resize((width, height), Image.Resampling.BILINEAR, box=box)


def traced(image: Image.Image, number: int) -> Image.Image:
    """A page image with the mark of an opening: its range is narrowed by a few levels, and the mark added."""
    return on_luma(image, lambda luma: traced_luma(luma, number))


def traced_luma(luma: Image.Image, number: int) -> Image.Image:
    """As :func:`traced`, for a page's brightness alone."""
    return ImageChops.add(luma.point(_LOWER), _ground(number, present_key(), *luma.size))


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
