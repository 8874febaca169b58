"""A year of the log that has ended becomes a record: through the door, checkable alone, once."""

import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from tests.archive import Archive
from yidang import audit, vault
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity.log_records import file_ended_years
from yidang.continuity.models import FiledLog


def write(count: int, at: datetime) -> None:
    with transaction.atomic():
        events = [audit.Event("test.thing.done", Actor.system("test"), facts={"n": number}) for number in range(count)]
        audit.write_many(events, now=at)


@pytest.fixture
def years(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """A log whose present entries count as 2024, with some of 2025, looked at in 2026."""
    this = clock.now().year
    write(30, datetime(this + 1, 6, 1, tzinfo=UTC))
    write(20, datetime(this + 2, 6, 1, tzinfo=UTC))
    return archive


@pytest.mark.promise("C7", "C9")
def test_each_ended_year_is_filed_once_and_verifies_alone(years: Archive, tmp_path: Path) -> None:
    this = clock.now().year
    moment = datetime(this + 2, 7, 1, tzinfo=UTC)
    filed = file_ended_years(now=moment)
    assert [one.year for one in filed] == [this, this + 1]
    assert filed[0].first == 1 and filed[1].first == filed[0].last + 1 and filed[1].last == filed[0].last + 30
    assert file_ended_years(now=moment) == []
    for one in filed:
        record = Record.objects.get(pk=one.record_id)
        assert record.retention == "Y" and record.level == 3 and str(one.year) in record.title
        document = record.documents.get()
        content = vault.read_bytes(record.object_id, document.path)
        folder = tmp_path / str(one.year)
        zipfile.ZipFile(io.BytesIO(content)).extractall(folder)
        check = [sys.executable, "-I", "-S", str(folder / "verify_audit.py")]
        done = subprocess.run(check, capture_output=True, text=True)
        assert done.returncode == 0 and f"GOOD: {one.last - one.first + 1} entries" in done.stdout, done.stdout
        lines = (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "entries.jsonl").write_text("".join(lines[1:]), encoding="utf-8")
        assert subprocess.run(check, capture_output=True).returncode == 1


def test_a_year_filed_before_a_crash_is_the_same_filing_afterwards(years: Archive) -> None:
    moment = datetime(clock.now().year + 1, 7, 1, tzinfo=UTC)
    [first] = file_ended_years(now=moment)
    record = first.record_id
    FiledLog.objects.all().delete()
    [again] = file_ended_years(now=moment)
    assert again.record_id == record and Record.objects.count() == 1
