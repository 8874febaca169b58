"""A copy of the database of one moment, taken while the program writes, and putting it back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

from yidang.continuity.errors import BackupDamaged, BackupFailed

SQLITE, POSTGRESQL = "database.sqlite3", "database.pgdump"
# A changed page makes so much new in a backup. restic cuts a whole file into about a megabyte and more.
SLICE = 128 * 1024


def copy_database(folder: Path) -> Path:
    """Write the copy into a folder, under a name that tells its kind; pages keep their places, so that little is new.

    A SQLite file becomes a folder of slices.

    :raises BackupFailed: it cannot be copied
    """
    return _copy_sqlite(folder / SQLITE) if connection.vendor == "sqlite" else _dump_postgresql(folder / POSTGRESQL)


def _copy_sqlite(target: Path) -> Path:
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    source_name = str(connection.settings_dict["NAME"])
    try:
        # In one step: a read transaction, which in WAL mode holds up no writer and sees nothing of what they write.
        with (
            closing(sqlite3.connect(f"file:{source_name}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as reason:
        raise BackupFailed(reasons=str(reason)) from reason
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    with part.open("rb") as whole:
        for number, slice_ in enumerate(iter(lambda: whole.read(SLICE), b"")):
            (target / f"{number:08d}").write_bytes(slice_)
    part.unlink()
    return target


def _join(folder: Path, target: Path) -> None:
    """The slices of a SQLite file as one again."""
    slices = sorted(folder.iterdir())
    if not slices or [path.name for path in slices] != [f"{number:08d}" for number in range(len(slices))]:
        raise BackupDamaged(reasons="slices of the database are missing")
    with target.open("wb") as whole:
        for path in slices:
            whole.write(path.read_bytes())
        whole.flush()
        os.fsync(whole.fileno())


def _dump_postgresql(target: Path) -> Path:
    # Not compressed: restic does that, and sees what has not changed.
    command = ["pg_dump", "--format=custom", "--compress=0", "--no-owner", "--file", str(target), *_where()]
    _call(command)
    return target


def restore_database(source: Path, folder: Path) -> None:
    """Put a copy in place: a file into the data folder, a dump into the database of the settings, which must be empty.

    :raises BackupDamaged: the copy is not whole
    """
    if source.name == SQLITE:
        folder.mkdir(parents=True, exist_ok=True)
        whole = folder / "yidang.sqlite3"
        _join(source, whole)
        with closing(sqlite3.connect(whole)) as copy:
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupDamaged(reasons=str(found))
        return
    connection.close()
    _call(["pg_restore", "--exit-on-error", "--no-owner", "--single-transaction", *_where(), str(source)])


def _where() -> list[str]:
    facts = connection.settings_dict
    named = {"host": facts["HOST"], "port": facts["PORT"], "username": facts["USER"], "dbname": facts["NAME"]}
    return [f"--{name}={value}" for name, value in named.items() if value]


def _call(command: list[str]) -> None:
    environment = {**os.environ}
    if connection.settings_dict["PASSWORD"]:
        environment["PGPASSWORD"] = str(connection.settings_dict["PASSWORD"])
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as reason:
        raise BackupFailed(reasons=f"{command[0]}: {reason.strerror}") from reason
    if done.returncode:
        raise BackupFailed(reasons=done.stderr.strip()[-2000:])
