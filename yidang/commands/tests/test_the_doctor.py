"""``yidang doctor``: a healthy folder is well; each illness is found and has its remedy."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from tests.archive import Archive
from yidang.commands.health import doctor
from yidang.common import clock
from yidang.jobs.models import Job
from yidang.upkeep import checks
from yidang.upkeep.checks import BAD, WARN, Finding, keeping

pytestmark = pytest.mark.django_db


def of(area: str) -> list[Finding]:
    """What the doctor says about one area that needs somebody."""
    return [finding for finding in checks.examine() if finding.area == area and finding.level == BAD]


def ill() -> list[str]:
    """The areas that need somebody, but for the tests' own PostgreSQL, which flushes nothing and is told so."""
    found = [finding for finding in checks.examine() if finding.level == BAD]
    return [finding.area for finding in found if "fsync" not in finding.sentence]


def test_a_healthy_archive_has_nothing_that_needs_somebody(archive: Archive) -> None:
    assert ill() == []


def test_sites_that_share_a_disk_are_told_without_alarm(archive: Archive) -> None:
    [told] = [finding for finding in keeping.sites() if "disk" in finding.sentence or "磁盘" in finding.sentence]
    assert told.level == WARN


def test_a_task_that_was_set_aside_is_found_and_ends_with_one(archive: Archive) -> None:
    now = clock.now()
    Job.objects.create(name="digitisation.extract", state=Job.SET_ASIDE, run_after=now, created_at=now)
    answer = CliRunner().invoke(doctor, ["--json"])
    assert answer.exit_code == 1
    document = json.loads(answer.stdout)
    [found] = [item for item in document["findings"] if item["area"] == "jobs"]
    assert document["well"] is False
    assert "digitisation.extract" in found["sentence"]
    assert found["remedy"]


def test_work_that_nobody_takes_is_found(archive: Archive) -> None:
    Job.objects.create(name="x", run_after=clock.now() - timedelta(hours=1), created_at=clock.now())
    assert len(of("jobs")) == 1


def test_a_log_without_its_triggers_is_found(archive: Archive) -> None:
    if connection.vendor == "postgresql":
        drop = "DROP TRIGGER audit_entry_no_update ON audit_entry"
    else:
        drop = "DROP TRIGGER audit_entry_no_update"
    with connection.cursor() as cursor:
        cursor.execute(drop)
    [found] = of("audit")
    assert "audit_entry_no_update" in found.sentence


def test_a_key_that_others_may_read_is_found(archive: Archive, data: Path) -> None:
    key = data / "keys" / "secret"
    key.write_text("x")
    key.chmod(0o644)
    [found] = of("configuration")
    assert str(key) in found.remedy


def test_a_missing_site_is_found(archive: Archive, data: Path) -> None:
    site = sorted(path for path in (data / "vault").iterdir() if path.is_dir())[0]
    site.rename(site.with_name("elsewhere"))
    assert len(of("vault")) == 1


def test_a_check_that_cannot_be_made_does_not_keep_the_others_from_being_made(archive: Archive, data: Path) -> None:
    (data / "keys").rmdir() if not list((data / "keys").iterdir()) else (data / "keys").rename(data / "gone")
    assert ill() == ["keys"]


@pytest.mark.parametrize(("kind", "found"), [("nfs4", 1), ("cifs", 1), ("ext4", 0)])
def test_sqlite_on_a_network_disk_is_found(
    kind: str, found: int, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite depends on the locks of its disk")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"22 1 8:1 / / rw shared:1 - nfs server:/root rw\n31 22 0:45 / {data.resolve()} rw shared:9 - {kind} x:/y rw\n"
    )
    monkeypatch.setattr(keeping, "MOUNTS", mounts)
    assert len(list(keeping.network_disk())) == found
