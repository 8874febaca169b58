"""The same way back where the database is PostgreSQL: dumped while it works, restored aside into a database of its own."""

from pathlib import Path

import pytest
from django.db import connection

from tests.archive import build_archive
from tests.cast import build_cast
from tests.fixtures import _hash
from yidang.common.actor import Actor
from yidang.continuity.backing_up import back_up
from yidang.continuity.drilling import drill
from yidang.people import passwords


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.promise("E1")
def test_a_drill_restores_a_dump_into_a_database_of_its_own(
    transactional_db: None, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    settings.BACKUP_PASSPHRASE_FILE = data / "keys" / "backup.passphrase"
    monkeypatch.setattr(passwords, "make_password", lambda _password: _hash())
    archive = build_archive(build_cast())
    archive.file()
    run = back_up(str(tmp_path / "backups"), "word", actor=Actor.system("test"))
    assert run.records == 1
    done = drill(str(tmp_path / "backups"), "word", actor=Actor.system("test"))
    assert done.is_well, (done.error, done.differences)
    assert done.records == 1 and len(done.sample) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'yidang_drill_%'")
        assert cursor.fetchone()[0] == 0
