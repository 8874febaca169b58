"""What journeys share: a real server on the demonstration hospital."""

import os
from collections.abc import Iterator

import pytest

from tools.harness import environment
from tools.server import Server

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


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`yidang serve` on a demonstration hospital, for the whole run: journeys add to it and do not count on its totals.

    ``hospital.accounts["archivist"]`` has username, password and token; ``hospital.address`` is where it answers.
    """
    folder = tmp_path_factory.mktemp("hospital") / "data"
    server = Server(folder, records=RECORDS, environment=_own_database())
    server.start()
    yield server
    server.stop()
