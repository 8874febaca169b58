"""What the tracing mark survives, how often it names somebody wrongly, what it costs.

Pages are drawn anew for every trial, with text, ruled lines and shades; opening numbers are drawn at random. Print–scan and the
photo of a screen are simulations (turn, scale, perspective, blur, uneven light, stripes, noise, JPEG), not a printer and a camera.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context

import cv2
import django
import numpy as np
from PIL import Image, ImageDraw

from bench.results import percentile
from yidang.access import tracing
from yidang.access.fonts import font
from yidang.access.trace_reading import read_trace

SEED = 20261123
RANDOM = np.random.default_rng(SEED)
WORDS = "关于印发医院档案管理办法的通知各科室请遵照执行现将有关事项如下患者主诉反复胸闷气短入院检查合同设备采购验收"


def page() -> Image.Image:
    image = Image.new("RGB", (1240, 1754), tuple(int(v) for v in RANDOM.integers(235, 256, 3)))
    brush = ImageDraw.Draw(image)
    step = int(RANDOM.integers(34, 60))
    for y in range(140, 1600, step):
        if RANDOM.random() < 0.85:
            line = "".join(RANDOM.choice(list(WORDS), int(RANDOM.integers(10, 40))))
            brush.text((130, y), line, font=font(24), fill=(20, 20, 20))
        if RANDOM.random() < 0.15:
            brush.line((120, y - 4, 1120, y - 4), fill=(90, 90, 90), width=2)
    return image


def jpeg(grey: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


def half(grey: np.ndarray) -> np.ndarray:
    return cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def quarter(grey: np.ndarray) -> np.ndarray:
    height, width = grey.shape
    y, x = int(RANDOM.integers(0, height // 2)), int(RANDOM.integers(0, width // 2))
    return grey[y : y + height // 2, x : x + width // 2]


def turned(grey: np.ndarray, degrees: float, scale: float = 1) -> np.ndarray:
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(grey, matrix, (width, height), borderValue=255)


def noisy(grey: np.ndarray, strength: float) -> np.ndarray:
    return np.clip(grey + RANDOM.normal(0, strength, grey.shape), 0, 255).astype(np.uint8)


def scanned(grey: np.ndarray) -> np.ndarray:
    paper = turned(grey, RANDOM.uniform(-2, 2), RANDOM.uniform(0.9, 1.1))
    return jpeg(noisy(cv2.GaussianBlur(paper, (0, 0), 1.2) * 0.9 + 8, 4), 70)


def photographed(grey: np.ndarray) -> np.ndarray:
    height, width = grey.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + RANDOM.uniform(-25, 25, (4, 2)).astype(np.float32)
    bent = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(corners, moved), (width, height))
    across = np.arange(width)[None] / width
    light = cv2.GaussianBlur(bent, (0, 0), 1) * (0.75 + 0.15 * across) + 3 * np.sin(across * width * 2.1)
    return jpeg(noisy(light, 4), 75)


DEEDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "JPEG 50": lambda grey: jpeg(grey, 50),
    "scale 50 %": half,
    "scale 50 % and JPEG 50": lambda grey: jpeg(half(grey), 50),
    "crop to a quarter, anywhere": quarter,
    "turn of up to 5°": lambda grey: turned(grey, RANDOM.uniform(-5, 5)),
    "print–scan, simulated": scanned,
    "photo of a screen, simulated": photographed,
}


def _say(name: str, value: float, unit: str, aim: float | None = None, at_least: bool = False, note: str = "") -> None:
    print(json.dumps([name, value, unit, aim, at_least, note]), flush=True)


@dataclass(frozen=True)
class Trial:
    """What one page told: which deeds it survived, wrong names, and how long marking and reading took."""

    right: dict[str, bool]
    wrong: int
    foreign: int
    marking: float
    reading: list[float]


def attempt(trial: int) -> Trial:
    """Mark a page, do each of the deeds to it, read it back; a page without mark and one of another hospital's key as well."""
    global RANDOM
    RANDOM = np.random.default_rng([SEED, trial])  # the same pages however many processes share them
    number, clean = int(RANDOM.integers(1, 1 << 31)), page()
    began = time.perf_counter()
    marked = np.asarray(tracing.traced(clean, number).convert("L"))
    marking = (time.perf_counter() - began) * 1000
    right, reading, wrong = {}, [], 0
    for name, deed in DEEDS.items():
        began = time.perf_counter()
        found = read_trace(deed(marked))
        reading.append((time.perf_counter() - began) * 1000)
        right[name] = found is not None and found.number == number
        wrong += found is not None and found.number != number
    wrong += read_trace(jpeg(np.asarray(clean.convert("L")), 80)) is not None
    foreign = int(read_trace(marked, [RANDOM.bytes(tracing.KEY_BYTES)]) is not None)
    return Trial(right, wrong, foreign, marking, reading)


def _ready() -> None:
    """A process that reads pages beside others: one thread, its patterns made before anything is timed."""
    django.setup()
    cv2.setNumThreads(1)
    tracing.patterns()


def main(trials: int) -> None:
    """As many processes as there are cores share the pages."""
    began = time.perf_counter()
    tracing.patterns()
    _say("patterns of the key, once in a process", (time.perf_counter() - began) * 1000, "ms")
    told: list[Trial] = []
    with get_context("spawn").Pool(min(trials, os.cpu_count() or 1), initializer=_ready) as pool:
        for one in pool.imap_unordered(attempt, range(trials)):
            told.append(one)
            print(f"tracing: {len(told)} of {trials} pages", file=sys.stderr, flush=True)
    for name in DEEDS:
        count = sum(one.right[name] for one in told)
        _say(f"named rightly: {name}", 100 * count / trials, "%", 90, at_least=True, note=f"{count} of {trials}")
    wrong, foreign, pictures = (
        sum(one.wrong for one in told),
        sum(one.foreign for one in told),
        trials * (len(DEEDS) + 1),
    )
    _say("named wrongly", wrong, "", 0, note=f"{wrong} in {pictures} pictures, {trials} of them without a mark")
    _say("named without the key", foreign, "", 0, note=f"{foreign} of {trials} marked pages")
    _say("marking a page for the first time, p50", percentile([one.marking for one in told], 0.5), "ms", 60)
    _say("reading a mark, p50", percentile([each for one in told for each in one.reading], 0.5), "ms")
