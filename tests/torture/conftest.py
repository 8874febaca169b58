"""One furnished archive for all attacks; each takes copies of it."""

import pytest

from tests.torture.house import Furnished, furnish
from tests.torture.reporting import SEED


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """An archive with its people and three records."""
    return furnish(tmp_path_factory.mktemp("furnished") / "data", records=3)


def pytest_report_header() -> str:
    """The seed, with which a run is played again."""
    return f"torture: seed {SEED}"
