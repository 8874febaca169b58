"""The new database: empty or half filled by this very move; what slows or forbids loading is put aside and comes back.

What comes back is checked by PostgreSQL over all rows: keys that must be unique, and references that must lead somewhere.
"""

import os
import subprocess
import sys
from typing import Any

from django.core.management.color import no_style
from django.db import DatabaseError, connections, transaction
from django.db.utils import ConnectionHandler
from django.utils.translation import gettext as _

from yidang.audit.models import Entry
from yidang.continuity.moving.errors import CannotMove
from yidang.continuity.moving.tables import NEW, tables

MARK, ASIDE = "yidang_moving", "yidang_moving_aside"
LOADING, WHOLE = "loading", "whole"
LEAST_VERSION = 140_000
_PLACES = """
SELECT 1, format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, c.conname),
       format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
 WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 2, format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, c.conname),
       format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
 WHERE c.contype = 'u' AND t.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 3, format('DROP INDEX %I', i.relname), pg_get_indexdef(x.indexrelid)
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
 WHERE i.relnamespace = current_schema()::regnamespace
   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
 ORDER BY 1
"""


def connect(facts: dict[str, Any]) -> None:
    """Make the new database known to this process as «new»."""
    connections.settings[NEW] = ConnectionHandler({"default": facts}).settings["default"]


def refuse_unless_usable(source: str) -> None:
    """Look whether the new database answers, is PostgreSQL, new enough, and empty or filled by this move.

    :raises CannotMove: it is not
    """
    connection = connections[NEW]
    if connection.vendor != "postgresql":
        raise CannotMove(_("The new installation's YIDANG_DATABASE is no PostgreSQL."), field="YIDANG_DATABASE")
    try:
        connection.ensure_connection()
    except DatabaseError as reason:
        raise CannotMove(
            _("The new database does not answer: %(why)s") % {"why": " ".join(str(reason).split())},
            field="YIDANG_DATABASE",
        ) from reason
    if int(_one("SHOW server_version_num")) < LEAST_VERSION or _one("SHOW server_encoding") != "UTF8":
        raise CannotMove(_("The new database must be PostgreSQL 14 or newer, and keep texts in UTF-8."))
    mark = mark_there()
    if mark is None and _one("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"):
        raise CannotMove(
            _("The new database is not empty."), remedy=_("Name a new, empty database, so that nothing is overwritten.")
        )
    if mark is not None and mark[0] != source:
        raise CannotMove(_("Another archive is being moved into this database."))


def mark_there() -> tuple[str, str] | None:
    """Whose archive is being moved here and how far it is; None of a database that no move has touched."""
    if not _one("SELECT to_regclass(%s) IS NOT NULL", MARK):
        return None
    with connections[NEW].cursor() as cursor:
        cursor.execute(f"SELECT source, state FROM {MARK}")
        found = cursor.fetchone()
    return (found[0], found[1]) if found else None


def begin(source: str, environment: dict[str, str]) -> None:
    """Make the tables, by the same migrations as everywhere, empty them, and put aside what must come after loading."""
    with connections[NEW].cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {MARK} (source text NOT NULL, state text NOT NULL)")
        if mark_there() is None:
            cursor.execute(f"INSERT INTO {MARK} VALUES (%s, 'tables')", [source])
    if (mark_there() or ("", ""))[1] != "tables":
        return
    make_tables(environment)
    with transaction.atomic(using=NEW), connections[NEW].cursor() as cursor:
        names = ", ".join(f'"{table.name}"' for table in tables())
        cursor.execute(f"TRUNCATE {names}")
        cursor.execute(f"CREATE TABLE {ASIDE} (number int NOT NULL, again text NOT NULL)")
        cursor.execute(_PLACES)
        for number, drop, again in cursor.fetchall():
            cursor.execute(drop)
            cursor.execute(f"INSERT INTO {ASIDE} VALUES (%s, %s)", [number, again])
        for name in guarded():
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {MARK} SET state = %s", [LOADING])


def make_tables(environment: dict[str, str]) -> None:
    """Run the migrations as the new installation will: a process of its own, with its settings.

    :raises CannotMove: they fail
    """
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMove(
            _("The tables cannot be made: %(why)s") % {"why": done.stderr.strip().rpartition(os.linesep)[2][:400]}
        )


def complete() -> None:
    """References, unique keys and indexes come back, the log is protected again, and numbering goes on after the last row."""
    with transaction.atomic(using=NEW), connections[NEW].cursor() as cursor:
        cursor.execute(f"SELECT again FROM {ASIDE} ORDER BY number DESC")
        for (again,) in cursor.fetchall():
            cursor.execute(again)
        for name in guarded():
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        models = [table.model for table in tables()]
        for statement in connections[NEW].ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        cursor.execute(f"DROP TABLE {ASIDE}")
        cursor.execute(f"UPDATE {MARK} SET state = %s", [WHOLE])
    with connections[NEW].cursor() as cursor:
        cursor.execute("ANALYZE")


def forget() -> None:
    """The mark goes: from now on this is an archive like any other."""
    with connections[NEW].cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {MARK}")


def guarded() -> list[str]:
    """The tables whose triggers refuse changes; they step aside while rows are brought, and come back."""
    with connections[NEW].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT t.relname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid "
            "WHERE NOT g.tgisinternal AND t.relnamespace = current_schema()::regnamespace"
        )
        found = sorted(row[0] for row in cursor.fetchall())
    if Entry._meta.db_table not in found:
        raise CannotMove(_("The new database does not protect the log; its tables were not made by this program."))
    return found


def _one(statement: str, *values: Any) -> Any:
    with connections[NEW].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
