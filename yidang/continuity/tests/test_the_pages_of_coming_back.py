"""Backups and drills for the system administrator, formats for the archivist; alarms on the desk and in doctor."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.commands.preparing import RestoreUnfinished, prepare
from yidang.common import clock
from yidang.continuity import formats, measuring
from yidang.continuity.models import BackupRun, DrillRun, HeldFormat
from yidang.jobs.models import Job
from yidang.upkeep.checks import keeping as findings


@pytest.fixture
def configured(archive: Archive, data, settings) -> Archive:
    settings.BACKUP = str(data / "elsewhere" / "yidang")
    settings.BACKUP_PASSPHRASE_FILE = data / "keys" / "backup.passphrase"
    settings.BACKUP_PASSPHRASE_FILE.write_text("word\n")
    return archive


def drilled(**values: object) -> DrillRun:
    now = clock.now()
    defaults = {"asked_by": "system:calendar", "started_at": now, "finished_at": now, "address": "/b", "made_at": now}
    return DrillRun.objects.create(**{**defaults, **values})


@pytest.mark.promise("F3")
@pytest.mark.parametrize(
    ("path", "who"),
    [("/continuity/", {"sysadmin", "lin"}), ("/continuity/drills/{drill}/", {"sysadmin", "lin"}),
     ("/continuity/way-back/", {"sysadmin"}),
     ("/continuity/formats/", {"sysadmin", "lin"}), ("/continuity/formats/{format}/", {"lin"})],
)  # fmt: skip
def test_each_page_is_there_for_those_who_care_for_it(archive: Archive, path: str, who: set[str]) -> None:
    archive.file()
    formats.count_held(clock.now())
    path = path.format(drill=drilled().pk, format=HeldFormat.objects.get().pk)
    for number, username in enumerate(["sysadmin", "secadmin", "auditor", "lin", "xu"]):
        browser = archive.cast.client(username, REMOTE_ADDR=f"10.4.0.{number}")
        assert browser.get(path).status_code == (200 if username in who else 404), username


def test_buttons_ask_for_work_and_are_told_in_the_log(configured: Archive) -> None:
    browser = configured.cast.client("sysadmin")
    assert browser.post("/continuity/backups/").status_code == 302
    assert browser.post("/continuity/drills/").status_code == 302
    assert set(Job.objects.values_list("name", flat=True)) >= {"continuity.backup", "continuity.drill"}
    assert Entry.objects.filter(event__endswith=".asked", actor="sysadmin").count() == 2


def test_an_archivist_sees_how_backups_and_drills_went_and_orders_none(configured: Archive) -> None:
    drilled()
    browser = configured.cast.client("lin")
    assert "/continuity/" in browser.get("/custody/").content.decode()
    page = browser.get("/continuity/").content.decode()
    assert "/continuity/drills/" in page and 'action="/continuity/' not in page
    assert (
        browser.post("/continuity/backups/").status_code == 404
        and browser.post("/continuity/drills/").status_code == 404
    )


def test_without_a_place_the_button_says_what_to_do(archive: Archive) -> None:
    browser = archive.cast.client("sysadmin")
    answer = browser.post("/continuity/backups/")
    assert answer.status_code == 409 and "YIDANG_BACKUP" in answer.content.decode()
    assert "YIDANG_BACKUP" in browser.get("/continuity/").content.decode()


def test_the_report_shows_what_differed(archive: Archive) -> None:
    run = drilled(
        differences=["档案 X 恢复后与原来不同。"],
        sample=[{"record": "x", "code": "Y012-1", "digest": "d", "documents": 1}],
    )
    page = archive.cast.client("sysadmin").get(f"/continuity/drills/{run.pk}/").content.decode()
    assert "档案 X 恢复后与原来不同。" in page and "Y012-1" in page


def test_an_archivist_judges_a_format_on_its_page(archive: Archive) -> None:
    archive.file()
    assert "尚未统计" in archive.cast.client("lin").get("/continuity/formats/").content.decode()
    formats.count_held(clock.now())
    held = HeldFormat.objects.get()
    browser = archive.cast.client("lin")
    assert browser.post(f"/continuity/formats/{held.pk}/", {"risk": "x", "plan": ""}).status_code == 422
    assert browser.post(f"/continuity/formats/{held.pk}/", {"risk": "high", "plan": "转换"}).status_code == 302
    assert "转换" in browser.get("/continuity/formats/").content.decode()


@pytest.mark.gbt39784("7.1-1", "7.1-4")
def test_the_calendar_asks_for_what_is_due_and_for_no_more(configured: Archive, settings) -> None:
    from yidang.continuity.tasks import calendar

    calendar(None)
    assert list(Job.objects.filter(name__startswith="continuity.").values_list("name", flat=True)) == [
        "continuity.backup"
    ]
    Job.objects.all().delete()
    now = clock.now()
    BackupRun.objects.create(asked_by="x", started_at=now, address="/b", outcome=BackupRun.DONE)
    calendar(None)
    assert list(Job.objects.filter(name__startswith="continuity.").values_list("name", flat=True)) == [
        "continuity.drill"
    ]
    Job.objects.all().delete()
    drilled()
    calendar(None)
    assert not Job.objects.filter(name__startswith="continuity.").exists()
    settings.BACKUP = ""
    BackupRun.objects.all().delete()
    calendar(None)
    assert not Job.objects.filter(name__startswith="continuity.").exists()


@pytest.mark.promise("E1")
def test_lateness_and_a_red_drill_are_on_the_desk_and_in_doctor(configured: Archive) -> None:
    now = clock.now()
    BackupRun.objects.create(asked_by="x", started_at=now - timedelta(days=2), address="/b", outcome=BackupRun.DONE)
    drilled(differences=["x"], started_at=now - timedelta(days=1))
    bad = [found.sentence for found in findings.way_back() if found.level == findings.BAD]
    assert len(bad) == 2
    page = configured.cast.client("sysadmin").get("/").content.decode()
    assert "逾期" in page and "未能完整恢复" in page
    assert measuring.drill_is_late(now), "a drill that was not well does not count"


def test_why_a_drill_could_not_be_made_is_on_its_page_and_in_doctor(configured: Archive) -> None:
    run = drilled(error="演练还差 3.2 GB 空间")
    browser = configured.cast.client("sysadmin")
    for path in ("/", "/continuity/", f"/continuity/drills/{run.pk}/"):
        assert "演练还差 3.2 GB 空间" in browser.get(path).content.decode(), path
    assert [found.level for found in findings.way_back() if found.remedy == run.error] == [findings.BAD]


def test_the_rule_is_measured_part_by_part(configured: Archive, settings) -> None:
    found = {part.key: part for part in measuring.measure()}
    assert [key for key, part in found.items() if part.is_met] == []
    BackupRun.objects.create(asked_by="x", started_at=clock.now(), address="s3:https://s/b", outcome=BackupRun.DONE)
    drilled()
    settings.BACKUP_OFFLINE = "每周移动硬盘，东区"
    found = {part.key: part for part in measuring.measure()}
    assert all(part.is_met for part in found.values()), found
    assert found["offline"].declared and not found["offsite"].declared


def test_the_doctor_misses_the_engine_and_the_passphrase(
    configured: Archive, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    assert list(findings.backup_engine()) == []
    settings.BACKUP_PASSPHRASE_FILE.unlink()
    monkeypatch.setattr(findings.shutil, "which", lambda _name: None)
    assert [found.level for found in findings.backup_engine()] == [findings.BAD, findings.BAD]


def test_a_folder_in_which_a_restore_was_interrupted_is_not_served(archive: Archive, data) -> None:
    (data / "restoring").write_text("x")
    with pytest.raises(RestoreUnfinished):
        prepare()
