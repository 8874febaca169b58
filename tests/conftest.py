"""What journeys share: a real server on the demonstration hospital."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import samples
from tools.harness import environment
from tools.server import Account, Server

RECORDS = 40


def _own_database() -> dict[str, str]:
    """On PostgreSQL a server gets a database of its own, beside that of the tests."""
    address = os.environ.get("YIDANG_DATABASE", "")
    if not address:
        return {}
    import psycopg

    name = f"journeys_{environment.worker() or 'main'}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    return {"YIDANG_DATABASE": address.replace("/yidang?", f"/{name}?")}


@pytest.fixture(scope="session", autouse=True)
def few_generated_papers() -> None:
    """Two papers for all filings of the benches' clients: LibreOffice takes a second for each."""
    samples.VARIANTS = 2


@pytest.fixture(scope="session")
def demonstration() -> Callable[..., Server]:
    """``demonstration(folder)`` gives the server of a hospital of three records in that folder, on SQLite.

    Making one takes half a minute, so one is made for all workers, and each test has a copy of it.
    """

    def copy(folder: Path, *, records: int = 3, environment: dict[str, str] | None = None) -> Server:
        kept = Path(os.environ["YIDANG_TEST_ROOT"]) / f"demonstration-{records}"
        kept.mkdir(exist_ok=True)
        known, on_sqlite = kept / "accounts.json", {"YIDANG_DATABASE": "", **(environment or {})}
        with (kept / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not known.exists():
                made = Server(kept / "data", records=records, environment=on_sqlite).accounts
                known.write_text(json.dumps({role: asdict(account) for role, account in made.items()}))
        shutil.copytree(kept / "data", folder, symlinks=True)
        accounts = {role: Account(**said) for role, said in json.loads(known.read_text()).items()}
        return Server(folder, environment=on_sqlite, accounts=accounts)

    return copy


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory, demonstration: Callable[..., Server]) -> Iterator[Server]:
    """`yidang serve` on a demonstration hospital, for the whole run: journeys add to it and do not count on its totals.

    ``hospital.accounts["archivist"]`` has username, password and token; ``hospital.address`` is where it answers.
    """
    folder, database = tmp_path_factory.mktemp("hospital") / "data", _own_database()
    if database:
        server = Server(folder, records=RECORDS, environment=database)
    else:
        server = demonstration(folder, records=RECORDS)
    server.start()
    yield server
    server.stop()
