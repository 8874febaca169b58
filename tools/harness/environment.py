"""The environment of a test run: its data folder, its database server, its worker's share of both."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools.harness import haste, network
from tools.postgres import Cluster

_made: list[Path] = []
_clusters: list[Cluster] = []


def worker() -> str:
    """The name of this pytest-xdist worker, empty in a run without workers and in the one that leads them."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


def database_kind() -> str:
    """The database asked for on the command line or in YIDANG_TEST_DATABASE."""
    for position, word in enumerate(sys.argv):
        if word.startswith("--database="):
            return word.partition("=")[2]
        if word == "--database" and position + 1 < len(sys.argv):
            return sys.argv[position + 1]
    return os.environ.get("YIDANG_TEST_DATABASE", "sqlite")


def data_folder() -> str:
    """Where this process keeps its data."""
    return os.environ["YIDANG_DATA"]


def prepare() -> None:
    """Set what the settings read, before they are read; workers inherit it and take a folder each."""
    # Playwright keeps an event loop in the tests' thread; Django would take it for asynchronous code and refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if worker():
        _use_folder(Path(os.environ["YIDANG_TEST_ROOT"]) / worker())
        _use_database()
        return
    network.enter_empty_namespace()
    haste.use_memory()
    root = Path(tempfile.mkdtemp(prefix="yidang-tests-", dir=haste.temporary_root()))
    _made.append(root)
    for name in [name for name in os.environ if name.startswith("YIDANG_") and name != "YIDANG_TEST_DATABASE"]:
        del os.environ[name]  # a developer's own settings must not decide a test
    os.environ["YIDANG_TEST_ROOT"] = str(root)
    os.environ["YIDANG_COSTLY_PER_MINUTE"] = "100000"  # one person of the cast asks as much as fifty
    _use_folder(root / "main")
    os.environ["YIDANG_TEST_DATABASE"] = database_kind()
    _use_database()


def _use_database() -> None:
    """A PostgreSQL for each process: transactions of another worker's tests would hold the index back, as they should."""
    if database_kind() == "postgresql":
        cluster = Cluster()
        _clusters.append(cluster)
        os.environ["YIDANG_DATABASE"] = cluster.start()


def cluster() -> Cluster:
    """The PostgreSQL of this process, on which alone a test may count; on SQLite there is none."""
    return _clusters[0]


def _use_folder(folder: Path) -> None:
    os.environ["YIDANG_DATA"] = str(folder)
    (folder / "cache" / "static").mkdir(parents=True)  # else the static files' middleware warns in every test


def clean_up() -> None:
    """Stop the database server and remove the data folder, if this process made them."""
    while _clusters:
        _clusters.pop().stop()
    while _made:
        shutil.rmtree(_made.pop(), ignore_errors=True)
