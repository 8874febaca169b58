"""Fixtures for every package's tests: ``cast`` puts the people into the database, ``archive`` the classes with a vault."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, connections
from django.utils import translation

from tests import archive as the_archive
from tests import cast as the_cast
from tests import snapshot
from tools import s3
from yidang.people import passwords


@cache
def _hash() -> str:
    return make_password(the_cast.PASSWORD)


@pytest.fixture(autouse=True)
def house_language() -> Iterator[None]:
    """Each test begins in the house's language, whatever the page asked for last was written in."""
    translation.deactivate()
    yield


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[the_cast.Cast]:
    """The ten people and eleven departments; their one password is hashed once for the whole run."""
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "make_password", lambda _password: _hash())
        snapshot.again("cast", the_cast.build_cast)
    yield the_cast.present_cast()


@pytest.fixture
def archive(cast: the_cast.Cast, data: Path) -> the_archive.Archive:
    """The hospital's fonds and classes, a vault of two sites in the test's own folder, no records."""
    snapshot.again("hospital", the_archive.build_hospital)
    return the_archive.open_archive(cast)


@pytest.fixture
def own_database(data: Path, db: None) -> Iterator[Path]:
    """A SQLite file of this test alone with all tables and no transaction around it, to be attacked from outside."""
    if connection.vendor != "sqlite":
        pytest.skip("the file of a SQLite database")
    facts, shared = connection.settings_dict, connections["default"]
    before, copy = str(facts["NAME"]), data / "database" / "yidang.sqlite3"
    with closing(sqlite3.connect(before)) as source, closing(sqlite3.connect(copy)) as made:
        source.backup(made)
    facts["NAME"] = str(copy)  # threads of the test read it as well
    connections["default"] = connections.create_connection("default")
    try:
        yield copy
    finally:
        connection.close()
        facts["NAME"] = before
        connections["default"] = shared


@pytest.fixture(scope="session")
def gateway() -> Iterator[str]:
    """The address of a real S3 server, for the whole run."""
    if not s3.is_installed():
        pytest.fail("radosgw is not installed; tools/system_packages.sh test installs it.")
    server = s3.Gateway()
    try:
        yield server.start()
    finally:
        server.stop()
