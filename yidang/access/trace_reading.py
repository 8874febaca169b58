"""Reading a tracing mark back from a screenshot, a scan or a photo whose scale, turn and cut nobody knows.

The mark repeats, so the picture resembles itself at the distance of a tile: that gives candidates of scale and turn.
For each the picture is laid back, its tiles are added up, the constant pattern gives the place, and the bits are read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from yidang.access.tracing import TILE, all_keys, number_in, patterns_of

Grey = NDArray[np.float32]

# Standard deviations that the constant pattern must stand above chance; see docs/developer/tracing.md for the measure.
SURE = 7.5
_STEPS = ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (-1, 2), (-2, 1), (3, 0), (0, 3))
_SIDE = 1600  # no longer side than this is looked at
_PERIODS = np.geomspace(30, 300, 480)
_ANGLES = np.radians(np.arange(-12, 12.01, 0.2))
_CANDIDATES = 10
_TILES = 12  # in each direction; more add time and no certainty


@dataclass(frozen=True)
class Trace:
    """What was read: the opening's number and how far the mark stood above chance, in standard deviations."""

    number: int
    score: float


def read_trace(grey: NDArray[np.uint8], secrets: Sequence[bytes] | None = None) -> Trace | None:
    """The opening that a picture came from; nothing when no mark is sure.

    :param secrets: the keys that it may be marked with; the hospital's present and former ones by default
    """
    known = all_keys() if secrets is None else secrets
    best: Trace | None = None
    for part in _parts(_fitted(grey)):
        flat = _flattened(part)
        for period, angle, secret in ((*place, secret) for place in _candidates(flat) for secret in known):
            found = _read_at(flat, period, angle, secret)
            if found and (best is None or found.score > best.score):
                best = found
            if best and best.score > 2 * SURE:
                return best
        if best:
            return best
    return best


def _fitted(grey: NDArray[np.uint8]) -> Grey:
    longest = max(grey.shape)
    if longest > _SIDE:
        share = _SIDE / longest
        grey = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return grey.astype(np.float32)


def _parts(grey: Grey) -> Iterator[Grey]:
    """The whole, then its quarters and middle: where a photo is bent, a part of it is straight enough."""
    yield grey
    height, width = grey.shape
    if min(height, width) < 400:
        return
    for top, left in ((0.25, 0.25), (0, 0.5), (0.5, 0)):
        y, x = int(top * height), int(left * width)
        yield grey[y : y + height // 2, x : x + width // 2]


def _flattened(grey: Grey) -> Grey:
    """The picture without shades and without what is much stronger than the mark: text, lines, edges."""
    high = grey - cv2.GaussianBlur(grey, (0, 0), 12)
    strength = cv2.GaussianBlur(np.abs(high), (0, 0), 3)
    quiet = max(2.0, float(np.percentile(strength, 30)))
    weight = 1 / (1 + (strength / (2 * quiet)) ** 4)
    clean = np.clip(high, -4 * quiet, 4 * quiet) * weight
    return (clean - clean.mean()).astype(np.float32)


def _candidates(flat: Grey) -> list[tuple[float, float]]:
    """Periods in pixels and turns in radians at which the picture resembles itself most."""
    height, width = flat.shape
    shape = (cv2.getOptimalDFTSize(height * 2), cv2.getOptimalDFTSize(width * 2))
    spectrum = np.fft.rfft2(flat, shape)
    same = np.fft.irfft2(np.abs(spectrum) ** 2, shape).astype(np.float32)
    # Fewer pixels overlap at longer distances: each is divided by its number, and weighs less.
    score = np.zeros((len(_PERIODS), len(_ANGLES)), np.float32)
    total = np.zeros_like(score)
    for step_x, step_y in _STEPS:
        cos, sin = np.cos(_ANGLES)[None, :], np.sin(_ANGLES)[None, :]
        dx = _PERIODS[:, None] * (step_x * cos - step_y * sin)
        dy = _PERIODS[:, None] * (step_x * sin + step_y * cos)
        overlap = np.clip(1 - np.abs(dx) / width, 0, 1) * np.clip(1 - np.abs(dy) / height, 0, 1)
        usable = overlap > 0.25
        value = cv2.remap(
            same, np.mod(dx, shape[1]).astype(np.float32), np.mod(dy, shape[0]).astype(np.float32), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )  # fmt: skip
        score += np.where(usable, value, 0)
        total += np.where(usable, np.sqrt(overlap), 0)
    return list(_peaks(score / np.maximum(total, 1e-6) * (total > 1.5)))


def _peaks(score: NDArray[np.floating]) -> Iterator[tuple[float, float]]:
    left = score.copy()
    for _ in range(_CANDIDATES):
        row, column = np.unravel_index(int(np.argmax(left)), left.shape)
        if left[row, column] <= 0:
            return
        yield float(_PERIODS[row]), float(_ANGLES[column])
        left[max(0, row - 3) : row + 4, max(0, column - 4) : column + 5] = 0


def _read_at(flat: Grey, period: float, angle: float, secret: bytes) -> Trace | None:
    """Look around a candidate for where the constant pattern stands out most, and read the bits there."""
    always, _bits = patterns_of(secret)
    template = np.conj(np.fft.fft2(always))
    best = (0.0, period, angle)
    steps = ((0.006, 0.004), (0.0025, 0.0015), (0.001, 0.0006))
    for round_, (grow, turn) in enumerate(steps):
        _score, near_period, near_angle = best
        for factor in (-1, 0, 1):
            for side in (-1, 0, 1):
                here = (near_period * (1 + factor * grow), near_angle + side * turn)
                score = _peak_of(_folded(flat, *here), template)[0]
                best = max(best, (score, *here))
        if best[0] < (4.5, 5.5, SURE)[round_]:
            return None
    folded = _folded(flat, best[1], best[2])
    score, down, right = _peak_of(folded, template)
    return _decoded(np.roll(folded, (-down, -right), (0, 1)), score, secret)


def _folded(flat: Grey, period: float, angle: float) -> Grey:
    """The picture laid back to tiles of the reference size, all added up into one."""
    height, width = flat.shape
    scale = period / TILE
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    columns = min(_TILES, max(1, int(np.hypot(width, height) * 0.5 / period)) * 2)
    side = columns * TILE
    centre = side / 2
    back = np.array(
        [[cos, -sin, width / 2 - centre * (cos - sin)], [sin, cos, height / 2 - centre * (sin + cos)]], np.float32
    )
    laid = cv2.warpAffine(flat, back, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return laid.reshape(columns, TILE, columns, TILE).sum(axis=(0, 2))


def _peak_of(folded: Grey, template: NDArray[np.complex64]) -> tuple[float, int, int]:
    """How far the constant pattern stands above all its other places, and where it stands."""
    found = np.fft.ifft2(np.fft.fft2(folded) * template).real
    down, right = np.unravel_index(int(np.argmax(found)), found.shape)
    spread = float(np.median(np.abs(found))) / 0.6745
    return (float(found[down, right]) / spread if spread else 0.0), int(down), int(right)


def _decoded(aligned: Grey, score: float, secret: bytes) -> Trace | None:
    _always, rows = patterns_of(secret)
    soft = rows @ aligned.reshape(-1)
    bits = np.where(soft > 0, 1, -1).astype(np.int8)
    number = number_in(bits, secret)
    if number is None:  # the weakest bits are the likeliest to be wrong: up to two of them turned
        number = _mended(bits, np.argsort(np.abs(soft))[:6], secret)
    return Trace(number, score) if number is not None else None


def _mended(bits: NDArray[np.int8], weakest: NDArray[np.intp], secret: bytes) -> int | None:
    for first in range(len(weakest)):
        for second in range(first, len(weakest)):
            turned = bits.copy()
            turned[[weakest[first], weakest[second]]] *= -1
            if (number := number_in(turned, secret)) is not None:
                return number
    return None
