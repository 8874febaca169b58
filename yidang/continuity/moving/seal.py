"""The old SQLite database while it is left: first every changed row is noted, at last no row can be changed.

Both by triggers, so that they hold for whoever writes, the program or not. Calling the move off removes them.
"""

from collections import defaultdict
from typing import Any

from django.db import connections, transaction

from yidang.continuity.moving.tables import OLD, Table, tables

TOUCHED, PREFIX = "yidang_moving_touched", "yidang_moving_"
VERBS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
SENTENCE = "this archive has moved to another installation"


@transaction.atomic(using=OLD)
def note_changes() -> None:
    """From now on the key of every row that is written is noted."""
    remove()
    with connections[OLD].cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TOUCHED} (name TEXT NOT NULL, key, PRIMARY KEY (name, key)) WITHOUT ROWID")
        for table in tables():
            for verb, sides in VERBS.items():
                noting = "; ".join(
                    f"INSERT OR IGNORE INTO {TOUCHED} VALUES ('{table.name}', {side}.\"{table.key.column}\")"
                    for side in sides
                )
                cursor.execute(
                    f'CREATE TRIGGER "{PREFIX}{table.name}_{verb.lower()}" AFTER {verb} ON "{table.name}" '
                    f"BEGIN {noting}; END"
                )


@transaction.atomic(using=OLD)
def take_touched() -> list[tuple[Table, list[Any]]]:
    """The keys of rows that were written since, by table. The notes are removed first, so that a row that is written
    again while it is brought is noted again."""
    found: dict[str, list[Any]] = defaultdict(list)
    with connections[OLD].cursor() as cursor:
        cursor.execute(f"SELECT name, key FROM {TOUCHED}")
        for name, key in cursor.fetchall():
            found[name].append(key)
        cursor.execute(f"DELETE FROM {TOUCHED}")
    known = {table.name: table for table in tables()}
    return [(known[name], [known[name].key.to_python(key) for key in keys]) for name, keys in sorted(found.items())]


def close() -> None:
    """Inside the caller's transaction: from its commit on no row of the archive can be written here."""
    remove()
    with connections[OLD].cursor() as cursor:
        for table in tables():
            for verb in VERBS:
                cursor.execute(
                    f'CREATE TRIGGER "{PREFIX}{table.name}_{verb.lower()}" BEFORE {verb} ON "{table.name}" '
                    f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
                )


def remove() -> None:
    """Take both away."""
    with connections[OLD].cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute(f"DROP TABLE IF EXISTS {TOUCHED}")


def is_closed() -> bool:
    """Whether the old database takes no rows any more."""
    with connections[OLD].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND sql LIKE %s", [f"%{SENTENCE}%"])
        return bool(cursor.fetchone()[0])
