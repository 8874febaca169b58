"""The invisible mark of an opening is read back from what people do to a picture; the bench has the full figures."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from yidang.access import tracing
from yidang.access.fonts import font
from yidang.access.trace_reading import read_trace

NUMBER = 4_000_123


@pytest.fixture(scope="module")
def clean() -> Image.Image:
    """A page of text at the width that the viewer shows."""
    image = Image.new("RGB", (1240, 1754), "white")
    brush = ImageDraw.Draw(image)
    for line in range(30):
        brush.text(
            (130, 150 + line * 48), "各科室请遵照执行，现将有关事项通知如下。" * 2, font=font(24), fill=(20, 20, 20)
        )
    return image


@pytest.fixture(scope="module")
def marked(clean: Image.Image) -> np.ndarray:
    return np.asarray(tracing.traced(clean, NUMBER).convert("L"))


def jpeg(grey: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


def turned(grey: np.ndarray, degrees: float) -> np.ndarray:
    height, width = grey.shape
    return cv2.warpAffine(grey, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), (width, height))


@pytest.mark.parametrize(
    ("deed"),
    [
        lambda grey: jpeg(grey, 50),
        lambda grey: cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        lambda grey: grey[877:, :620],
        lambda grey: turned(grey, 3),
    ],
    ids=["JPEG 50", "half the size", "a quarter of the page", "turned by three degrees"],
)
def test_the_mark_survives(marked, deed):
    found = read_trace(deed(marked))
    assert found is not None and found.number == NUMBER


@pytest.mark.slow
def test_a_page_without_mark_names_nobody(clean):
    assert read_trace(np.asarray(clean.convert("L"))) is None


def test_the_mark_is_faint(clean, marked):
    before = np.asarray(clean.convert("L")).astype(int)
    assert np.abs(marked - before).max() <= 2 * tracing.DEPTH + 1
    assert abs(float((marked - before)[before > 250].std())) < 4


def test_numbers_carry_a_check_sum():
    bits = tracing.payload(NUMBER)
    assert tracing.number_in(bits) == NUMBER
    bits[7] *= -1
    assert tracing.number_in(bits) is None
    with pytest.raises(ValueError):
        tracing.payload(1 << 32)
