"""A large hospital: records with the unevenness of a real one, its people and their permissions.

Rows only: a page text each as a file of its own would need twenty million inodes for ten million records, so the texts stand in
a personal field of the description. The index holds them exactly as it holds page texts, under the same right to view.
"""

import time

from django.conf import settings
from django.db import connection

from bench.inside.hospital import crowd, fill, hold_texts
from bench.inside.search import say
from yidang.people.models import User

PEOPLE, GRANTS = 10_000, 100_000


def main(records: int) -> None:
    """Fill; the first call brings the people as well."""
    hold_texts()
    before, start = _size(), time.perf_counter()
    for _ in fill(records, seed=records, skewed=True, texts=False, inline=True):
        pass
    say("rows written straight to the database", records / (time.perf_counter() - start), "records/s")
    say("database, each record", (_size() - before) / records, "bytes")
    if not User.objects.filter(username="g00000").exists():
        crowd(PEOPLE, GRANTS)


def _size() -> int:
    """Bytes of the database on its disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    return sum(path.stat().st_size for path in (settings.DATA / "database").iterdir() if path.is_file())
