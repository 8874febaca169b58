"""What the watermark says is a template; it is readable on light and dark, and no crop of a quarter is without it."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.archive import Archive
from yidang.access import watermark, watermarking
from yidang.access.models import Opening, WatermarkTemplate
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed

LONG = (
    "{who} {account} {department} {time} {address} {request} {code} {hospital} 仅供本次利用使用请勿外传违者依法追究责任"
)


def page(shade: int, width: int = 1240) -> Image.Image:
    return Image.new("RGB", (width, round(width * 1.414)), (shade, shade, shade))


def strips(image: np.ndarray) -> list[np.ndarray]:
    """The quarters of a page, and its middle of the same size."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    corners = [image[y : y + height, x : x + width] for y in (0, height) for x in (0, width)]
    return [*corners, image[height // 2 : height // 2 + height, width // 2 : width // 2 + width]]


@pytest.mark.parametrize("width", [320, 1240])
@pytest.mark.parametrize("text", ["赵磊 财务科 10.0.0.7 2026-03-05 09:30", "林 " + "一二三四五六七八九十" * 11])
@pytest.mark.parametrize("shade", [255, 128, 109, 0])
@pytest.mark.parametrize("strength", [watermarking.WEAKEST, watermark.STRENGTH])
def test_each_quarter_of_light_and_dark_pages_carries_the_mark(shade, strength, text, width):
    marked = np.asarray(watermark._marked(page(shade, width), text, strength).convert("L")).astype(int)
    for part in strips(marked):
        changed = np.abs(part - shade)
        assert changed.max() >= strength * 100 // 255  # seen on every ground
        assert 0.002 < (changed > 10).mean() < 0.35  # and what stands below is still read


def test_lines_are_broken_so_that_nothing_is_lost():
    text = "林静 档案室 " + "一二三四五六七八九十" * 8
    lines = watermark._lines(text, lambda part: 10.0 * len(part), 200)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "") and max(map(len, lines)) <= 20


@pytest.mark.parametrize(
    "text",
    [
        "",
        "机密",
        "{who}",
        "{time}",
        "{who} {time} {password}",
        "{who} {time} {",
        "{who.x} {time}",
        "{who} {time}" + "字" * 120,
    ],
)
def test_a_template_that_names_nobody_or_something_unknown_is_refused(archive: Archive, text):
    with pytest.raises(InvalidInput):
        watermarking.change_watermark(text, 60, actor=archive.cast.actor("lin"), now=clock.now())
    assert not WatermarkTemplate.objects.exists()


@pytest.mark.parametrize("strength", [0, 39, 111, 255])
def test_a_mark_that_is_not_seen_or_hides_the_page_is_refused(archive: Archive, strength):
    with pytest.raises(InvalidInput):
        watermarking.change_watermark("{who} {time}", strength, actor=archive.cast.actor("lin"), now=clock.now())


def test_a_new_template_stands_on_the_next_page(archive: Archive):
    record = archive.file("设备管理办法", of="WS·GZ")
    archive.work()
    browser = archive.cast.client("lin")
    address = f"/records/{record.public_id}/documents/1/pages/1/?width=800"
    before = browser.get(address).content
    sent = browser.post("/watermark/", {"text": "{who} {time} {code} 严禁外传", "strength": "90"})
    assert sent.status_code == 302 and Entry.objects.filter(event="access.watermark.changed").count() == 1
    after = browser.get(address).content
    same = [np.asarray(Image.open(io.BytesIO(content)).convert("L")).astype(int) for content in (before, after)]
    assert np.abs(same[0] - same[1]).max() > 40
    opening = Opening.objects.get()
    told = watermarking.words("{who} {code} {request} {department}", archive.cast.actor("lin"), opening)
    assert told == f"林静 {record.code or record.accession_number} 档案室"


def test_the_pages_of_the_template_answer_and_show_both_grounds(archive: Archive):
    browser = archive.cast.client("secadmin")
    assert browser.get("/watermark/").status_code == 200
    for dark in ("0", "1"):
        sample = browser.get("/watermark/preview/", {"text": LONG, "strength": "60", "dark": dark})
        assert sample.status_code == 200 and sample["Content-Type"] == "image/jpeg"
    assert browser.get("/watermark/preview/", {"text": "x", "strength": "60"}).status_code == 422
    assert browser.post("/watermark/", {"text": "{who}", "strength": "60"}).status_code == 422
    tried = browser.post("/watermark/", {"text": "{who} {time} 试", "strength": "60", "do": "try"})
    assert tried.status_code == 200 and "试" in tried.content.decode() and not WatermarkTemplate.objects.exists()


@pytest.mark.parametrize("username", ["zhao", "chen", "he", "wu", "zhou", "xu", "sysadmin", "auditor"])
def test_nobody_else_says_what_it_says(archive: Archive, username):
    browser = archive.cast.client(username)
    for answer in (browser.get("/watermark/"), browser.post("/watermark/", {}), browser.get("/watermark/preview/")):
        assert answer.status_code == 403
    with pytest.raises(NotAllowed):
        watermarking.change_watermark("{who} {time}", 60, actor=archive.cast.actor(username), now=clock.now())
