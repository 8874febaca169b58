"""A change of tables waits for its locks only briefly: behind one that waits, everybody else waits as well."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from yidang.common.errors import Unavailable

SECONDS = 5
_HOLDERS = """
SELECT pid, coalesce(nullif(application_name, ''), usename), state, extract(epoch FROM now() - xact_start)::int
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
 ORDER BY xact_start LIMIT 5
"""


class TablesInUse(Unavailable):
    """Somebody holds a table that is to be changed."""

    code = "tables_in_use"


@contextmanager
def waiting_briefly(seconds: int = SECONDS) -> Iterator[None]:
    """On PostgreSQL give up after some seconds, and say who is in the way; SQLite has its own queue.

    Behind a pooler by transaction the limit would stay with a connection that somebody else is lent next, so there is none.

    :raises TablesInUse: a lock was not to be had; nothing of that change was made
    """
    if connection.vendor != "postgresql" or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
    try:
        yield
    except OperationalError as reason:
        if "lock timeout" not in str(reason):
            raise
        connection.close()  # whatever was begun on it is over
        raise TablesInUse(
            _("A table that is to be changed is in use by: %(who)s.") % {"who": "; ".join(_holders()) or "?"},
            remedy=_(
                "Wait for it or end it, then give the same command again; what was done already is not done twice."
            ),
        ) from reason
    finally:
        if connection.connection is not None and not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def _holders() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS)
        return [
            _("process %(pid)d (%(name)s, %(state)s, its transaction is %(seconds)d s old)")
            % {"pid": pid, "name": name, "state": state, "seconds": seconds}
            for pid, name, state, seconds in cursor.fetchall()
        ]
