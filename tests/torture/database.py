"""Where the rows of a house stand: a file in its data folder, or a database of a PostgreSQL of our own.

That server flushes as a hospital's does, because it dies too: a process of it by SIGKILL, upon which it ends all
others and recovers from its own log, or all of them at once.
"""

import os
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tools.postgres import Cluster


def rows_of_file(data: Path, question: str) -> list[tuple[Any, ...]]:
    """Ask the SQLite file of a data folder."""
    with sqlite3.connect(data / "database" / "yidang.sqlite3", timeout=30) as database:
        return database.execute(question).fetchall()


def rows_of(address: str, question: str) -> list[tuple[Any, ...]]:
    """Ask a database of PostgreSQL."""
    with psycopg.connect(address) as database:
        return database.execute(question.encode()).fetchall()


class PostgreSQL:
    """One server, with a database for each house."""

    def __init__(self) -> None:
        self._cluster = Cluster()
        self._address = self._cluster.start(flush=True)

    def make(self, name: str, *, like: str = "") -> str:
        """A new database, as another one is; its address."""
        with psycopg.connect(self._address, autocommit=True) as database:
            database.execute(f"CREATE DATABASE {name} {f'TEMPLATE {like}' if like else ''}".encode())
            # A copied sequence believes its next numbers to be in the server's log already; a checkpoint has it write them anew.
            database.execute(b"CHECKPOINT")
        return self._address.replace("/yidang?", f"/{name}?")

    def strike(self, address: str, chance: random.Random) -> str:
        """SIGKILL to one of the processes that answer for a database, or to the first of all; whom it hit."""
        question = f"SELECT pid FROM pg_stat_activity WHERE datname = '{_name_of(address)}'"
        backends = [pid for (pid,) in rows_of(self._address, question)]
        if backends and chance.random() < 0.7:
            os.kill(chance.choice(backends), signal.SIGKILL)
            return "kill -9 database backend"
        os.kill(self._cluster.pid, signal.SIGKILL)
        self._start_again()
        return "kill -9 database server"

    def _start_again(self) -> None:
        """As a service manager does: it refuses as long as processes of the dead one live."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._cluster.serve()
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def await_answer(self) -> None:
        """Wait until it has recovered."""
        deadline = time.monotonic() + 60
        while True:
            try:
                rows_of(self._address, "SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def drop(self, address: str) -> None:
        """Remove a house's database."""
        with psycopg.connect(self._address, autocommit=True) as database:
            database.execute(f"DROP DATABASE {_name_of(address)} WITH (FORCE)".encode())

    def stop(self) -> None:
        """End it and remove its folder."""
        self._cluster.stop()


def _name_of(address: str) -> str:
    return urlsplit(address).path.lstrip("/")
