"""What every test runs in: a data folder and a database of its own, no network, and the marks that tests carry.

Loaded with `-p tools.harness` before Django reads its settings, because the settings make the data folder.
"""

import pytest

from tools.harness import databases, environment, flushing, haste, marks, network

environment.prepare()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that are ours."""
    group = parser.getgroup("yidang")
    group.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default=environment.database_kind(),
        help="which database the tests run on; also YIDANG_TEST_DATABASE",
    )
    group.addoption(
        "--without-database", action="store_true", help="only tests that touch no database: those before a commit"
    )
    group.addoption("--marks", metavar="FILE", help="write which test carries which mark to FILE as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Close the network for the tests' own process."""
    network.close()
    flushing.keep_the_log()
    haste.make_cheap()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the tests run on."""
    return [
        f"database: {environment.database_kind()}, network: {network.describe()}, data: {environment.data_folder()}"
    ]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what the chosen database is about, the slow files first; write the marks when asked."""
    databases.select(config, items)
    # Two workers share whole files: a file of minutes that starts last would keep one of them waiting.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if config.getoption("--marks"):
        marks.write(config.getoption("--marks"), items)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the run made outside its temporary folders."""
    environment.clean_up()
