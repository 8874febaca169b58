"""Fixtures for every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A SQLite test database is a file: one in memory has no write-ahead log, no writers' queue and no threads."""
    from django.conf import settings

    database: dict[str, Any] = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        database.setdefault("TEST", {})["NAME"] = str(Path(settings.DATA) / "database" / "test.sqlite3")


@pytest.fixture
def data(tmp_path: Path, settings) -> Iterator[Path]:
    """An empty data folder of this test alone, known to the settings as DATA."""
    settings.DATA = tmp_path
    for folder in ("database", "vault", "index", "quarantine/upload", "derived", "cache", "keys", "log"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    yield tmp_path
    from yidang.vault.staging import slots

    slots.close()


@pytest.fixture(autouse=True)
def feed_from_one(request: pytest.FixtureRequest) -> None:
    """On PostgreSQL the feed of the index begins at one: numbers that earlier tests took and rolled back are gaps, and a
    gap counts as final only when every transaction has ended, which that of a test never has."""
    if not {"db", "transactional_db"} & set(request.fixturenames):
        return
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence('catalogue_recordchange', 'seq')")
            cursor.execute(f"ALTER SEQUENCE {cursor.fetchone()[0]} RESTART WITH 1")


@pytest.fixture
def trail(db: None) -> Callable[..., Any]:
    """The log's entries of this test, filtered: those of earlier tests with real transactions stay in the table."""
    from yidang.audit.models import Entry

    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    return lambda **wanted: Entry.objects.filter(seq__gt=last, **wanted)
