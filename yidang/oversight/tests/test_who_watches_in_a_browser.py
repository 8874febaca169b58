"""An emergency in a real Chromium: the clinician opens it, the medical affairs office reviews it, the security administrator acts."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang.access.models import EmergencyAccess
from yidang.access.tests.test_requests_in_a_browser import browser, seated
from yidang.common import clock
from yidang.formats.tests import making
from yidang.oversight.tests.test_alarms import look, opens, records

__all__ = ["browser", "records"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def archive(data: Path, transactional_db: None) -> Archive:
    return build_archive(build_cast())


@pytest.mark.promise("F4")
def test_opened_in_an_emergency_looked_at_and_reviewed(archive, browser, live_server, tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["手术记录 第一页"]])
    record = archive.file(
        "住院病案 王五", {"病案.pdf": path.read_bytes()}, by="he", of="ZY·BA", accepted=False, department="BA",
        security="sensitive", metadata={"patient_number": "P-100", "patient_name": "王五"},
    )  # fmt: skip
    ward = seated(browser, archive, live_server, "chen", width=390)
    ward.goto(f"{live_server.url}/emergency/")
    ward.fill("#record", "P-100")
    ward.fill("#reason", "胸痛抢救，急需既往手术记录")
    ward.press("#reason", "Enter")
    ward.click(f"text={record.title}")
    ward.wait_for_selector(".pagebox img")
    assert ward.locator("a[download]").count() == 0 and ward.locator("a[href*='/print/']").count() == 0
    ward.goto(f"{live_server.url}/emergency/")
    ward.click("form[action*='/renew/'] button")
    ward.wait_for_load_state()
    assert ward.complaints == []
    office = seated(browser, archive, live_server, "wu")
    office.goto(f"{live_server.url}/")
    office.goto(f"{live_server.url}/emergency/")
    assert "胸痛抢救" in office.content()
    office.fill("input[name=note]", "值班医师，抢救属实")
    office.click("button[value=justified]")
    office.wait_for_load_state()
    assert "胸痛抢救" not in office.locator("main form").all_inner_texts()
    assert EmergencyAccess.objects.get().verdict == "justified"
    assert office.complaints == []


def test_an_unusual_reader_is_stopped_by_the_security_administrator(archive, records, browser, live_server):
    chen, now = archive.cast.people["chen"], clock.now()
    opens(chen, records[:120], now - timedelta(minutes=30), 20, because="care")
    [alarm] = look(now)
    at_work = seated(browser, archive, live_server, "chen")
    at_work.goto(f"{live_server.url}/")
    guard = seated(browser, archive, live_server, "secadmin")
    guard.goto(f"{live_server.url}/alarms/")
    guard.click(f"a[href*='{alarm.public_id}']")
    guard.fill("#note", "一小时内打开 120 份病案，无诊疗关系")
    guard.click("button[value=suspend]")
    guard.wait_for_load_state()
    at_work.reload()
    assert "/sign-in/" in at_work.url, "the next page is the door"
    chen.refresh_from_db()
    assert not chen.is_active and guard.complaints == []
