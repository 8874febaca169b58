"""The register, the counter, certified copies, masks, freezes, seals and the watermark in a real Chromium."""

import json

import pytest

from yidang.access.models import Mask, Use
from yidang.access.tests.test_pages_in_a_browser import AXE, RUN_AXE, look, stage

__all__ = ["look", "stage"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CARD = "11010519491231002X"


@pytest.mark.parametrize(("size", "language", "theme"), [((1366, 768), "zh-hans", "light"), ((390, 844), "en", "dark")])
def test_the_pages_are_accessible_fit_and_stay_silent(stage, look, size, language, theme):
    record = stage[1]
    wrong = []
    for address in (
        "/uses/", "/uses/counter/?kind=phone", "/uses/statistics/", "/certificates/", "/freezes/", "/watermark/", "/verify/",
        f"/records/{record.public_id}/documents/1/certify/", f"/records/{record.public_id}/documents/1/pages/1/masks/",
        f"/records/{record.public_id}/seals/",
    ):  # fmt: skip
        page = look(address, width=size[0], height=size[1], language=language, theme=theme)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        wrong += [f"{address} {found}" for found in page.evaluate(RUN_AXE)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        wrong += [f"{address} is {wide} wide"] if wide > size[0] else []
        wrong += [f"{address} {complaint}" for complaint in page.complaints]
    assert wrong == []


def test_the_counter_registers_with_the_keyboard_alone_and_a_mask_is_drawn_with_keys(stage, look):
    record = stage[1]
    page = look("/uses/counter/")
    page.wait_for_selector("#id_number:focus")
    # A card reader types the number and Enter in no time; the rest is typed, with Enter from field to field.
    page.keyboard.type(CARD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#name:focus")
    for typed in ("张三", "", "", record.code, ""):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**kind=counter")
    use = Use.objects.get(kind="counter")
    assert use.record == record and use.purpose == "inspection" and use.seconds < 20
    page = look(f"/records/{record.public_id}/documents/1/pages/1/masks/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    assert json.loads(page.locator("[data-mask-places]").input_value()) == [[350, 455, 655, 495]]
    page.click("button[value=draw]")
    page.wait_for_selector("[data-masks] rect:not(.new)")
    assert Mask.objects.get().right == 0.655 and page.complaints == []
