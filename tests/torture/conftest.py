"""One furnished archive for all attacks; each takes copies of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.database import PostgreSQL
from tests.torture.house import Furnished, furnish
from tests.torture.reporting import SEED


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """An archive with its people and three records."""
    return furnish(tmp_path_factory.mktemp("furnished") / "data", records=3)


@pytest.fixture
def furnished_as_asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Furnished]:
    """The same where DATABASE says: in a file, or in a PostgreSQL of its own, which dies with the rest."""
    if os.environ.get("TORTURE_DATABASE", "sqlite") != "postgresql":
        yield request.getfixturevalue("furnished")
        return
    server = PostgreSQL()
    try:
        yield furnish(tmp_path / "furnished" / "data", records=3, server=server)
    finally:
        server.stop()


def pytest_report_header() -> str:
    """The seed, with which a run is played again."""
    return f"torture: seed {SEED}"
