"""The page of health tells how the program stands in words and pictures, to whoever cares for it, with few questions."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.common import clock, standstill
from yidang.common.standstill import READ_ONLY, Moving
from yidang.continuity.models import BackupRun
from yidang.jobs.models import Job
from yidang.upkeep import looking, sampling
from yidang.upkeep.checks import machine
from yidang.upkeep.forecasting import forecast
from yidang.upkeep.models import Look, Sample
from yidang.upkeep.slowest import slowest, tail

QUESTIONS = 45
LATE = clock.now() - timedelta(hours=3)


def shown(archive: Archive, who: str = "sysadmin", language: str = "en") -> str:
    browser = archive.cast.client(who)
    browser.cookies["yidang_language"] = language
    answer = browser.get("/health/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_queues_lag_copies_and_what_the_doctor_found(archive: Archive) -> None:
    Job.objects.create(name="digitisation.extract", state=Job.SET_ASIDE, run_after=LATE, created_at=LATE)
    for minutes in (10, 5, 0):
        sampling.take(clock.now() - timedelta(minutes=minutes))
    looking.look(clock.now())
    text = shown(archive)
    assert "digitisation.extract" in text
    assert "1 set aside" in text
    assert "needs somebody" in text
    assert text.count('class="spark"') == 4
    assert '<th scope="col">Site</th>' in text
    assert "被搁置" in shown(archive, language="zh-hans")


def test_a_late_queue_backup_and_certificate_are_judged(archive: Archive, settings, tmp_path: Path) -> None:
    Job.objects.create(name="x", run_after=LATE, created_at=LATE)
    settings.BACKUP, settings.CERTIFICATE = str(tmp_path), str(tmp_path / "none.pem")
    BackupRun.objects.create(started_at=LATE, outcome=BackupRun.FAILED, address="/x", asked_by="calendar")
    text = shown(archive)
    assert "3 hours" in text
    assert "the last one failed" in text
    assert "The figures of «certificate» could not be read" in text


@pytest.mark.parametrize(("who", "status"), [("sysadmin", 200), ("lin", 200), ("xu", 404), ("auditor", 404)])
def test_it_is_there_for_who_cares_and_for_the_archivist(archive: Archive, who: str, status: int) -> None:
    browser = archive.cast.client(who)
    assert browser.get("/health/").status_code == status
    assert ('href="/health/"' in browser.get("/").content.decode()) is (status == 200)


def test_only_the_system_administrator_has_the_doctor_look_again(archive: Archive) -> None:
    assert archive.cast.client("lin").post("/health/looks/").status_code == 404
    assert "/health/looks/" not in shown(archive, "lin")
    assert archive.cast.client("sysadmin").post("/health/looks/").status_code == 302
    assert Entry.objects.filter(event="upkeep.look.asked").exists()
    archive.work()
    assert set(Look.objects.get().findings) == {"zh-hans", "en"}


def test_it_asks_few_questions_however_much_there_is(archive: Archive) -> None:
    for _number in range(3):
        archive.file()
    Job.objects.bulk_create(Job(name=f"kind{number}", run_after=LATE, created_at=LATE) for number in range(50))
    browser = archive.cast.client("sysadmin")
    browser.get("/health/")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/health/")
    assert len(asked) <= QUESTIONS, "\n".join(query["sql"] for query in asked)


def test_samples_of_one_step_are_one_row_and_old_ones_are_forgotten(archive: Archive) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    sampling.take(noon)
    sampling.take(noon + timedelta(minutes=2))
    assert Sample.objects.filter(name=sampling.JOBS, fine=True).count() == 1
    sampling.take(noon + timedelta(days=3))
    assert [row.at.day for row in Sample.objects.filter(name=sampling.JOBS, fine=True)] == [23]
    assert Sample.objects.filter(name=sampling.free("data"), fine=False).count() == 2


def test_a_disk_that_fills_evenly_is_full_when_the_line_says_so() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    points = [(start + timedelta(days=day), 100e9 - day * 2e9) for day in range(11)]
    found = forecast(points, 80e9)
    assert found is not None
    assert round(found.per_day / 1e9, 6) == 2
    assert round(found.days_left or 0) == 40
    assert forecast(points[:2], 80e9) is None
    emptied = forecast([(at, 100e9 - free) for at, free in points], 80e9)
    assert emptied is not None
    assert emptied.days_left is None


def test_the_slowest_come_from_the_end_of_the_log_and_a_cut_line_harms_nothing(data: Path) -> None:
    now = clock.now()
    line = {"at": now.isoformat(), "logger": "yidang.requests", "route": "search/", "method": "GET", "status": 200}
    old = {**line, "at": (now - timedelta(days=2)).isoformat(), "milliseconds": 9999}
    rows = [json.dumps({**line, "milliseconds": number}) for number in range(30)]
    statement = {
        "at": now.isoformat(),
        "logger": "yidang.requests.statements",
        "verb": "SELECT",
        "tables": ["jobs_job"],
        "milliseconds": 700,
    }
    (data / "log" / "web.jsonl").write_text("\n".join([json.dumps(old), *rows, json.dumps(statement), '{"at": "2026']))
    answers, statements = slowest(now, most=3)
    assert [one.milliseconds for one in answers] == [29, 28, 27]
    assert [one.what for one in statements] == ["SELECT jobs_job"]
    assert len(tail(data / "log", "web", most=500)) < 10


def test_a_move_shows_how_far_it_is_and_afterwards_what_came(archive: Archive, data: Path) -> None:
    since = clock.now().isoformat()
    standstill.say(Moving(READ_ONLY, "compare", since, since, 1200, 4800, "/srv/new"))
    page = shown(archive)
    for words in ("Moving to another installation", "read only", "1,200 of 4,800", "comparing every row", "/srv/new"):
        assert words in page
    assert "nothing new is taken in" in page  # on every page, for everybody
    standstill.file().unlink()
    assert "Moving to another installation" not in shown(archive)
    report = {
        "ended_at": since, "rows": 4800, "entries": 700, "root": "ab" * 32, "seconds": {"read_only": 61, "close": 2},
        "tables": {"catalogue_record": {"rows": 12, "digest": "cd" * 32}},
    }  # fmt: skip
    standstill.write(data / "moved-here.json", report)
    page = shown(archive)
    for words in ("Moved here", "4,800 rows", "700 entries", "ab" * 32, "catalogue_record"):
        assert words in page


def test_what_the_doctor_keeps_in_english_holds_no_chinese(cast, settings) -> None:
    settings.CLAMD = "127.0.0.1:1"
    with translation.override("en"):
        assert list(machine.scanner()), "there is no scanner at this address"
        assert not [one for one in machine.scanner() if re.search("[一-鿿]", f"{one.sentence}{one.remedy}")]
