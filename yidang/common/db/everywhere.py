"""A lock over all machines of an archive, held by the database; it ends with the holder's connection, however that ends."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

# The first of the two numbers of our locks on PostgreSQL; sign-in counts under 7301.
SPACE = 7_302


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) >> 1


@contextmanager
def held_everywhere(names: Sequence[str]) -> Iterator[None]:
    """Hold locks for longer than a transaction, taken in order so that nobody waits in a circle.

    On a connection of its own, within a transaction that does nothing else: so it works behind a pool as well. On SQLite
    there is one machine, and the caller's own lock is enough.
    """
    if connection.vendor != "postgresql":
        yield
        return
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            for number in sorted({_number(name) for name in names}):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, number])
        yield
    finally:
        own.close()


def hold_until_commit(name: str) -> None:
    """Hold a lock to the end of the present transaction; on SQLite every writer waits for the others anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, _number(name)])
