"""Rows brought to the new database and compared there; what is there already and the same is left alone."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.utils.translation import gettext as _

from yidang.continuity.moving.errors import RowRefused
from yidang.continuity.moving.tables import CHUNK, NEW, OLD, Table


@dataclass(slots=True)
class Brought:
    """One table: rows on the old side, how many had to be written, how many differ still, and a digest over them all."""

    name: str
    rows: int = 0
    written: int = 0
    different: list[str] = field(default_factory=list)
    digest: str = ""


def bring(table: Table, *, tell: Callable[[int], None] = lambda rows: None) -> Brought:
    """Make the new table hold what the old one holds, and compare every row of it as the new database gives it out.

    A chunk that differs is replaced in one transaction; killed anywhere, the next call finds what is there.
    """
    done, digest = Brought(table.name), hashlib.sha256()
    reached: Any = None
    beyond = table.last_key(NEW)
    for old in table.chunks(OLD):
        last = old[-1][table.key_at]
        high = last if len(old) == CHUNK else None
        new = [] if beyond is None or _is_past(reached, beyond) else table.rows(NEW, above=reached, upto=high)
        if old != new:
            done.written += len(old)
            _replace(table, old, new)
            new = table.rows(NEW, above=reached, upto=high)
            done.different += _different(table, old, new)
        for row in new:
            digest.update(canonical(row))
        done.rows += len(old)
        reached = last
        tell(len(old))
    if table.rows(NEW, above=reached, most=1):
        _replace(table, [], table.rows(NEW, above=reached))
    done.digest = digest.hexdigest()
    return done


def bring_some(table: Table, keys: Sequence[Any]) -> int:
    """Bring the rows of these keys, or take them away where the old side has none any more; answers how many changed."""
    changed = 0
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        old, new = table.some(OLD, some), table.some(NEW, some)
        gone = [row for key, row in new.items() if old.get(key) != row]
        come = [row for key, row in old.items() if new.get(key) != row]
        if gone or come:
            _replace(table, come, gone)
            changed += len(come) or len(gone)
            if table.some(NEW, some) != old:
                raise RowRefused(table=table.name, why=_("A row is not as it was after it was written."))
    return changed


def canonical(row: tuple[Any, ...]) -> bytes:
    """A row as text that does not depend on the database: what the digest of a table covers."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass") + b"\n"


def _is_past(reached: Any, beyond: Any) -> bool:
    """Whether the new table has no rows after the last one that was compared; texts as bytes, see ``Table``."""
    if reached is None:
        return False
    if isinstance(reached, str):
        return reached.encode() >= beyond.encode()
    return bool(reached >= beyond)


def _replace(table: Table, old: Sequence[tuple[Any, ...]], new: Sequence[tuple[Any, ...]]) -> None:
    connection = connections[NEW]
    names = ", ".join(connection.ops.quote_name(one.column) for one in table.fields)
    into = f"COPY {connection.ops.quote_name(table.name)} ({names}) FROM STDIN"
    try:
        with transaction.atomic(using=NEW):
            if new:
                rows = table.model._base_manager.using(NEW).filter(pk__in=[row[table.key_at] for row in new])
                rows._raw_delete(using=NEW)  # without Django's cascades: the other tables are brought by themselves
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in old:
                    copy.write_row(
                        [one.get_db_prep_save(value, connection) for one, value in zip(table.fields, row, strict=True)]
                    )
    except (DatabaseError, ValueError) as reason:
        raise RowRefused(table=table.name, why=" ".join(str(reason).split())[:400]) from reason


def _different(table: Table, old: Sequence[tuple[Any, ...]], new: Sequence[tuple[Any, ...]]) -> list[str]:
    if old == new:
        return []
    there = {row[table.key_at]: row for row in new}
    return [str(row[table.key_at]) for row in old if there.get(row[table.key_at]) != row]
