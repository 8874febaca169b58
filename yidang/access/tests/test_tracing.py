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


KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_number_comes_back_and_one_changed_bit_makes_it_none():
    bits = tracing.payload(NUMBER, KEY)
    assert tracing.number_in(bits, KEY) == NUMBER
    for place in range(tracing.BITS):
        bits[place] *= -1
        assert tracing.number_in(bits, KEY) is None
        bits[place] *= -1
    for number in (0, 1 << 32):
        with pytest.raises(ValueError):
            tracing.payload(number, KEY)


def test_neighbouring_numbers_share_no_more_bits_than_chance_and_are_read_by_their_key_alone():
    """Nobody builds the mark of the next opening out of marks that they have seen."""
    first, second = tracing.payload(NUMBER, KEY), tracing.payload(NUMBER + 1, KEY)
    assert 12 < int((first != second).sum()) < tracing.BITS - 12
    assert tracing.number_in(first, OTHER) is None
    a, b = tracing.patterns_of(KEY), tracing.patterns_of(OTHER)
    assert abs(float((a[0] * b[0]).sum())) < 0.2 and not np.allclose(a[1], b[1])


@pytest.mark.slow
def test_without_the_hospitals_key_a_marked_page_names_nobody(marked):
    assert read_trace(marked, [OTHER]) is None


def test_a_key_is_made_once_kept_secret_and_a_former_one_still_reads(data, clean):
    first = tracing.present_key()
    path = data / "keys" / tracing.NAME
    assert path.read_bytes() == first and len(first) == 32 and path.stat().st_mode & 0o077 == 0
    page = np.asarray(tracing.traced(clean, NUMBER).convert("L"))
    path.rename(path.with_name(f"{tracing.NAME}.2026"))
    tracing._kept.cache_clear()
    assert tracing.present_key() != first and first in tracing.all_keys()
    found = read_trace(page)
    assert found is not None and found.number == NUMBER
