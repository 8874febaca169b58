"""Rows that many tests begin with, made once for a worker by the program's own acts and put in again as they were.

The acts cost a tenth of a second of a processor, and two thousand tests begin with them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction

HEAD = "audit_head"  # its one row is never deleted
Tables = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


def log_stands_at() -> tuple[Any, ...]:
    """The head of the log: the same head means the same acts before."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT size, hash FROM {HEAD}")
        return tuple(cursor.fetchone() or ())


def _tables() -> Tables:
    found: Tables = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            if rows := cursor.fetchall():
                found[name] = ([column[0] for column in cursor.description], rows)
    return found


@dataclass(frozen=True)
class Snapshot:
    """The rows that an act added, by table, and the head of the log before and after it."""

    tables: Tables
    before: tuple[Any, ...]
    after: tuple[Any, ...]

    @classmethod
    def of(cls, act: Callable[[], Any]) -> "Snapshot":
        """Let the act happen and keep what it added; it may change no row that was there."""
        there, before = _tables(), log_stands_at()
        act()
        added: Tables = {}
        for name, (columns, rows) in _tables().items():
            old = set(map(repr, there[name][1])) if name in there else set()
            if name != HEAD and (new := [row for row in rows if repr(row) not in old]):
                assert len(new) + len(old) == len(rows), f"{name}: rows that were there have changed"
                added[name] = (columns, new)
        return cls(added, before, log_stands_at())

    def restore(self) -> None:
        """Put the rows in; they refer to each other, which is looked at when all are there."""
        quoted = connection.ops.quote_name
        with transaction.atomic(), connection.cursor() as cursor:
            for name, (columns, rows) in self.tables.items():
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(
                    f"INSERT INTO {quoted(name)} ({', '.join(map(quoted, columns))}) VALUES ({marks})", rows
                )
            cursor.execute(f"UPDATE {HEAD} SET size = %s, hash = %s", self.after)
            models = list(connection.introspection.installed_models(list(self.tables)))
            for sentence in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(sentence)


_kept: dict[str, Snapshot] = {}


def again(name: str, act: Callable[[], Any]) -> None:
    """Have the act's rows there: put in, where it happened before at this head of the log, else by the act itself."""
    kept = _kept.get(name)
    if kept is not None and kept.before == log_stands_at():
        kept.restore()
    else:
        _kept[name] = Snapshot.of(act)
