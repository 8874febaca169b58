"""Fixtures for every package's tests: ``cast`` puts the people into the database, ``archive`` the classes with a vault."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from tests import archive as the_archive
from tests import cast as the_cast
from yidang.people import passwords


@cache
def _hash() -> str:
    return make_password(the_cast.PASSWORD)


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[the_cast.Cast]:
    """The ten people and eleven departments; their one password is hashed once for the whole run."""
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "make_password", lambda _password: _hash())
        people = the_cast.build_cast()
    yield people


@pytest.fixture
def archive(cast: the_cast.Cast, data: Path) -> the_archive.Archive:
    """The hospital's fonds and classes, a vault of two sites in the test's own folder, no records."""
    return the_archive.build_archive(cast)


@pytest.fixture
def own_database(tmp_path: Path, data: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Path]:
    """A SQLite file of this test alone with all tables and no transaction around it, to be attacked from outside."""
    if connection.vendor != "sqlite":
        pytest.skip("the file of a SQLite database")
    before, copy = str(connection.settings_dict["NAME"]), data / "database" / "yidang.sqlite3"
    with django_db_blocker.unblock():
        connection.close()
        with closing(sqlite3.connect(before)) as source, closing(sqlite3.connect(copy)) as made:
            source.backup(made)
        connection.settings_dict["NAME"] = str(copy)
        try:
            yield copy
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
