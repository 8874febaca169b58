"""Fixtures for every package's tests: ``cast`` puts the people into the database, ``archive`` the classes with a vault."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password

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
