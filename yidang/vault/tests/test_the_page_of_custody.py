"""The page of custody: who sees it, what it says of damage, and that its buttons do what they say."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang import vault
from yidang.common import clock
from yidang.jobs.models import Job
from yidang.vault import reports, sites
from yidang.vault.models import ScrubFinding

pytestmark = pytest.mark.django_db


def spoil(archive: Archive) -> str:
    """One byte of one copy is not what it was; its object's id."""
    record = archive.file()
    path = next(path for path in sites.roots()[0].object_folder(record.object_id).rglob("0001*") if path.is_file())
    path.chmod(0o644)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    return str(record.object_id)


@pytest.mark.gbt39784("7.4-1", "7.4-2")
def test_damage_is_shown_mended_by_the_button_and_told_in_the_yearly_check(archive: Archive, trail) -> None:
    damaged, browser = spoil(archive), archive.cast.client("lin")
    assert "已巡检的副本与入库时一致" in browser.get("/custody/").content.decode()
    assert browser.post("/custody/scrubs/").status_code == 302
    archive.work()
    page = browser.get("/custody/").content.decode()
    assert damaged in page and "字节被改动" in page
    assert browser.post("/custody/repairs/").status_code == 302
    archive.work()
    assert damaged not in browser.get("/custody/").content.decode()
    assert damaged in browser.get("/custody/?show=mended").content.decode()
    assert {copy.state for copy in vault.copies_of(ScrubFinding.objects.get().object_id)} == {"ok"}
    first, second = reports.of_year(clock.now().year)
    assert (first.found, first.mended, first.open, first.unread, second.found) == (1, 1, 0, 0, 0)
    assert "年度保管检查" in browser.get("/custody/check/").content.decode()
    assert browser.get("/custody/check/?form=xlsx")["Content-Type"].endswith("sheet")
    assert [entry.event for entry in trail(event__endswith=".asked")] == ["vault.scrub.asked", "vault.repair.asked"]


def test_pressing_twice_asks_once(archive: Archive) -> None:
    browser = archive.cast.client("sysadmin")
    for _time in range(2):
        assert browser.post("/custody/scrubs/").status_code == 302
    assert Job.objects.filter(name="vault.scrub_whole", state=Job.WAITING).count() == 1


def test_a_reading_that_is_overdue_is_said(archive: Archive, settings) -> None:
    archive.file()
    vault.scrub(actor=archive.cast.actor("sysadmin"), now=clock.now() - timedelta(days=settings.SCRUB_DAYS + 5))
    assert "超过规定天数未巡检" in archive.cast.client("lin").get("/custody/").content.decode()


@pytest.mark.parametrize("name", ["xu", "zhao", "chen", "secadmin", "auditor"])
def test_others_do_not_see_it(archive: Archive, name: str) -> None:
    browser = archive.cast.client(name)
    assert [browser.get("/custody/").status_code, browser.get("/custody/check/").status_code] == [404, 404]
    assert [browser.post("/custody/scrubs/").status_code, browser.post("/custody/repairs/").status_code] == [404, 404]
    assert not Job.objects.filter(key="asked").exists()


def test_it_asks_the_database_as_often_for_many_findings_as_for_few(
    archive: Archive, django_assert_max_num_queries
) -> None:
    spoil(archive)
    vault.scrub(actor=archive.cast.actor("lin"))
    one = ScrubFinding.objects.get()
    ScrubFinding.objects.bulk_create(
        ScrubFinding(site=one.site, object_id=one.object_id, path=f"x{number}", kind=one.kind, found_at=one.found_at)
        for number in range(200)
    )
    browser = archive.cast.client("lin")
    browser.get("/custody/")
    with django_assert_max_num_queries(36):
        browser.get("/custody/")
