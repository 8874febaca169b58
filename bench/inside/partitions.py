"""The log and the use register in one table each, and the same rows parted by year: appending, lists, reading all.

Times are of the processor that works for our connection inside PostgreSQL, so that other work beside it does not count.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from bench.results import percentile

FIRST, LAST = 2017, 2026
ASKED, ACTS = 60, 500
CHUNK = 5000
PLAIN, PARTED = "plain", "parted"

# By table: the column that years are told by, its key, and what stands in each generated row.
TABLES = {
    "audit_entry": (
        "at", "seq",
        "seq, at, event, outcome, actor, address, target_kind, target, body, hash, row",
        "n, {at}, 'access.record.'||(n % 40), 'ok', 'g'||(n * 7919 % 10000), '10.0.0.7', 'record', 'r'||(n * 104729 % {things}),"
        " repeat('x', 380)||n, md5(n::text)||md5(n::text), NULL",
    ),
    "access_use": (
        "day", "id",
        "id, public_id, kind, at, day, user_id, visitor, department_id, record_id, purpose, why, asked, result, answer, paper,"
        " paper_reason, borrowed",
        "n, md5(n::text)::uuid, 'screen', {at}, ({at})::date, n * 7919 % 10000, 'v'||n, n % 60, n * 104729 % {things}, 'work', '', '',"
        " CASE WHEN n % 5000 = 0 THEN 'waiting' ELSE 'given' END, '', false, '', false",
    ),
}  # fmt: skip
INDEXES = {
    "audit_entry": ["actor, seq", "target, seq", "event, seq", "at"],
    "access_use": ["at DESC, id DESC", "day, purpose", "user_id, at DESC", "record_id"],
}
LISTS = {
    "audit_entry": {
        "what one did, newest 50": "SELECT * FROM {t} WHERE actor = 'g{person}' ORDER BY seq DESC LIMIT 50",
        "what was done with one thing": "SELECT * FROM {t} WHERE target = 'r{thing}' ORDER BY seq DESC LIMIT 100",
        "one event, newest 50": "SELECT * FROM {t} WHERE event = 'access.record.{event}' ORDER BY seq DESC LIMIT 50",
        "a page deep inside": "SELECT * FROM {t} WHERE seq < {deep} ORDER BY seq DESC LIMIT 50",
        "one month, newest 50": "SELECT * FROM {t} WHERE at >= '{month}' AND at < '{month}'::timestamptz + interval '30 days'"
        " ORDER BY seq DESC LIMIT 50",
        "the same in the order of time": "SELECT * FROM {t} WHERE at >= '{month}' AND at < '{month}'::timestamptz + interval '30 days'"
        " ORDER BY at DESC, seq DESC LIMIT 50",
    },
    "access_use": {
        "newest 50": "SELECT * FROM {t} ORDER BY at DESC, id DESC LIMIT 50",
        "uses of one person": "SELECT * FROM {t} WHERE user_id = {person} ORDER BY at DESC LIMIT 50",
        "uses of one record": "SELECT * FROM {t} WHERE record_id = {thing} ORDER BY at DESC LIMIT 50",
        "a year's figures": "SELECT extract(month FROM day), purpose, count(*) FROM {t} WHERE day >= '{year}-01-01'"
        " AND day < '{year}-12-31' GROUP BY 1, 2",
    },
}  # fmt: skip


def _say(name: str, value: float, unit: str, note: str = "") -> None:
    print(json.dumps([name, value, unit, None, False, note]), flush=True)


def _do(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@cache
def _told_at() -> Path:
    """Where the system tells how long the server's process of our connection was on a processor."""
    return Path(f"/proc/{_do('SELECT pg_backend_pid()')[0][0]}/schedstat")


def _spent() -> float:
    """Seconds of that process so far."""
    return int(_told_at().read_text(encoding="ascii").split()[0]) / 1e9


def _make(table: str, kind: str) -> str:
    """An empty copy of a table with the indexes of its own; parted by year or not."""
    by, key, _columns, _values = TABLES[table]
    made = f"{table}_{kind}"
    parted = f" PARTITION BY RANGE ({by})" if kind == PARTED else ""
    _do(f"CREATE TABLE {made} (LIKE {table} INCLUDING DEFAULTS){parted}")
    for year in range(FIRST, LAST + 2) if parted else ():
        _do(f"CREATE TABLE {made}_{year} PARTITION OF {made} FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')")
    _do(f"ALTER TABLE {made} ADD PRIMARY KEY ({key}{f', {by}' if parted else ''})")
    for columns in INDEXES[table]:
        _do(f"CREATE INDEX ON {made} ({columns})")
    return made


def _fill(table: str, made: str, first: int, last: int, rows: int, at: str = "") -> None:
    _by, _key, columns, values = TABLES[table]
    seconds = (datetime(LAST, 12, 1, tzinfo=UTC) - datetime(FIRST, 1, 1, tzinfo=UTC)).total_seconds()
    at = at or f"timestamptz '{FIRST}-01-01 00:00+00' + n * interval '{seconds / rows:.6f} seconds'"
    filled = values.format(at=at, things=max(1, rows // 10))
    _do(f"INSERT INTO {made} ({columns}) SELECT {filled} FROM generate_series({first}::bigint, {last}::bigint) n")


def _times(rows: int, ask: Callable[[dict[str, Any]], Any]) -> list[float]:
    chance, times = random.Random(5), []
    for _ in range(ASKED):
        year = chance.randint(FIRST, LAST - 1)
        facts = {
            "person": chance.randrange(10_000), "thing": chance.randrange(max(1, rows // 10)), "event": chance.randrange(40),
            "deep": chance.randint(rows // 10, rows), "year": year,
            "month": (datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=30 * chance.randrange(11))).date().isoformat(),
        }  # fmt: skip
        start = _spent()
        ask(facts)
        times.append((_spent() - start) * 1000)
    return times


def _walk(made: str, key: str) -> float:
    """Seconds for reading every row in its order, as verification does."""
    start, last = _spent(), 0
    while found := _do(f"SELECT {key}, at FROM {made} WHERE {key} > {last} ORDER BY {key} LIMIT {CHUNK}"):
        last = found[-1][0]
    return _spent() - start


def main(rows: int) -> None:
    """Print both tables' figures beside each other."""
    call_command("migrate", verbosity=0)
    for table, (_by, key, _columns, _values) in TABLES.items():
        for kind in (PLAIN, PARTED):
            made = _make(table, kind)
            start = _spent()
            for first in range(1, rows + 1, 100_000):
                _fill(table, made, first, min(first + 99_999, rows), rows)
            _say(f"{made}: rows put in", rows / (_spent() - start), "1/s of a processor")
            _do(f"VACUUM ANALYZE {made}")
            acts = []
            for number in range(ACTS):
                start = _spent()
                with transaction.atomic():
                    _fill(table, made, rows + number + 1, rows + number + 1, rows, at=f"timestamptz '{LAST}-12-02'")
                acts.append((_spent() - start) * 1000)
            _say(
                f"{made}: one row appended and committed",
                percentile(acts, 0.5),
                "ms",
                f"p95 {percentile(acts, 0.95):.2f}",
            )
            for name, question in LISTS[table].items():
                times = _times(rows, lambda facts, q=question, t=made: _do(q.format(t=t, **facts)))
                _say(f"{made}: {name}", percentile(times, 0.5), "ms", f"p95 {percentile(times, 0.95):.2f}")
            _say(f"{made}: every row in its order", _walk(made, key), "s")
            size = _do(f"SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('{made}')")[0][0]
            _say(f"{made}: on disk", int(size or _do(f"SELECT pg_total_relation_size('{made}')")[0][0]) / 2**20, "MiB")
            _do(f"DROP TABLE {made}")
