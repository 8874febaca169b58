"""The harness keeps its own promises, so that the other tests may lean on it."""

import os
import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.promise("J5")
def test_no_test_reaches_beyond_this_machine() -> None:
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_the_loopback_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass


def test_each_worker_has_a_data_folder_of_its_own() -> None:
    assert Path(settings.DATA) == Path(os.environ["YIDANG_DATA"])
    assert Path(os.environ["YIDANG_TEST_ROOT"]) in Path(settings.DATA).parents


def test_a_data_folder_of_one_test_is_known_to_the_settings(data: Path) -> None:
    assert data == settings.DATA
    assert (data / "vault").is_dir()


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for_and_on_disk() -> None:
    assert connection.vendor == os.environ["YIDANG_TEST_DATABASE"]
    if connection.vendor == "sqlite":
        assert Path(str(connection.settings_dict["NAME"])).is_file()
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
