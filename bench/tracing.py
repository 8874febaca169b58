"""What the tracing mark survives, how often it names somebody wrongly, what it costs: ``python bench/tracing.py [N]``.

Pages are drawn anew for every trial, with text, ruled lines and shades; opening numbers are drawn at random. Print–scan and the
photo of a screen are simulations (turn, scale, perspective, blur, uneven light, stripes, noise, JPEG), not a printer and a camera.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
from PIL import Image, ImageDraw

from yidang.access import tracing
from yidang.access.trace_reading import read_trace
from yidang.access.watermark import _font

RANDOM = np.random.default_rng(20261123)
WORDS = "关于印发医院档案管理办法的通知各科室请遵照执行现将有关事项如下患者主诉反复胸闷气短入院检查合同设备采购验收"


def page() -> Image.Image:
    image = Image.new("RGB", (1240, 1754), tuple(int(v) for v in RANDOM.integers(235, 256, 3)))
    brush = ImageDraw.Draw(image)
    step = int(RANDOM.integers(34, 60))
    for y in range(140, 1600, step):
        if RANDOM.random() < 0.85:
            line = "".join(RANDOM.choice(list(WORDS), int(RANDOM.integers(10, 40))))
            brush.text((130, y), line, font=_font(24), fill=(20, 20, 20))
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
    "crop to a quarter": quarter,
    "turn of up to 5 degrees": lambda grey: turned(grey, RANDOM.uniform(-5, 5)),
    "print–scan, simulated": scanned,
    "photo of a screen, simulated": photographed,
}


def main(trials: int) -> None:
    tracing.patterns()
    right, wrong, seconds = dict.fromkeys(DEEDS, 0), 0, []
    for _trial in range(trials):
        number = int(RANDOM.integers(1, 1 << 31))
        clean = page()
        began = time.perf_counter()
        marked = np.asarray(tracing.traced(clean, number).convert("L"))
        seconds.append(time.perf_counter() - began)
        for name, deed in DEEDS.items():
            found = read_trace(deed(marked))
            right[name] += found is not None and found.number == number
            wrong += found is not None and found.number != number
        found = read_trace(jpeg(np.asarray(clean.convert("L")), 80))
        wrong += found is not None
        print(f"after {_trial + 1}: {right}, wrong names: {wrong}", file=sys.stderr)
    for name, count in right.items():
        print(f"{name}: {count} of {trials}")
    print(f"wrong names: {wrong} in {trials * (len(DEEDS) + 1)} pictures, {trials} of them without a mark")
    print(f"marking a page for the first time: {sorted(seconds)[trials // 2] * 1000:.0f} ms (median)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
