"""The ten kinds of damage that the owner of the database can do to the log, and two that only a checkpoint shows."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from yidang.audit.chain import canonical, hash_body

Damage = Callable[[int, int, random.Random], None]
COLUMNS = "at, event, outcome, actor, address, target_kind, target, body, hash"
TRIGGERS = {
    "audit_entry_no_update": "audit_entry",
    "audit_entry_no_delete": "audit_entry",
    "audit_personalfacts_no_update": "audit_personalfacts",
    "audit_head_no_delete": "audit_head",
}


class _Undo(Exception):
    """Ends a transaction that is meant to leave nothing behind."""


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        pass


@contextmanager
def as_owner() -> Iterator[None]:
    """Without triggers and without foreign keys, as whoever holds the file can have it."""
    with undone():
        for trigger, table in TRIGGERS.items():
            sql(f"DROP TRIGGER {trigger}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
        if connection.vendor == "postgresql":
            sql("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
            name = (
                "SELECT conname FROM pg_constraint WHERE conrelid = 'audit_personalfacts'::regclass AND contype = 'f'"
            )
            sql(f"ALTER TABLE audit_personalfacts DROP CONSTRAINT {one(name)}")
        yield


def sql(statement: str, *values: Any) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def one(statement: str, *values: Any) -> Any:
    """The first value of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _body(seq: int) -> str:
    return str(one("SELECT body FROM audit_entry WHERE seq = %s", seq))


def _number(old: int, new: int) -> None:
    sql("UPDATE audit_entry SET seq = %s WHERE seq = %s", new, old)
    sql("UPDATE audit_personalfacts SET entry_id = %s WHERE entry_id = %s", new, old)


def edit_text(at: int, size: int, rng: random.Random) -> None:
    """Another outcome in the text."""
    body = _body(at).replace('"outcome":"done"', '"outcome":"failed"')
    sql("UPDATE audit_entry SET body = %s WHERE seq = %s", body, at)


def edit_column(at: int, size: int, rng: random.Random) -> None:
    """Another value in a column that is searched."""
    column = rng.choice(["actor", "event", "target", "outcome", "address"])
    sql(f"UPDATE audit_entry SET {column} = 'other' WHERE seq = %s", at)


def edit_hash(at: int, size: int, rng: random.Random) -> None:
    """Another hash."""
    sql("UPDATE audit_entry SET hash = %s WHERE seq = %s", f"{rng.getrandbits(256):064x}", at)


def edit_and_hash_again(at: int, size: int, rng: random.Random) -> None:
    """Another actor, in column and text, with the hash made anew for this entry."""
    facts = json.loads(_body(at))
    facts["actor"]["username"] = "other"
    body = canonical(facts)
    sql("UPDATE audit_entry SET actor = 'other', body = %s, hash = %s WHERE seq = %s", body, hash_body(body), at)


def delete(at: int, size: int, rng: random.Random) -> None:
    """One entry gone."""
    sql("DELETE FROM audit_personalfacts WHERE entry_id = %s", at)
    sql("DELETE FROM audit_entry WHERE seq = %s", at)


def delete_and_close_up(at: int, size: int, rng: random.Random) -> None:
    """One entry gone, the later ones numbered anew, the head as well."""
    delete(at, size, rng)
    for later in range(at + 1, size + 1):
        _number(later, later - 1)
    sql("UPDATE audit_head SET size = %s", size - 1)


def insert(at: int, size: int, rng: random.Random) -> None:
    """One entry more, a copy of its neighbour, the later ones pushed on."""
    for later in range(size, at - 1, -1):
        _number(later, later + 1)
    sql(f"INSERT INTO audit_entry (seq, {COLUMNS}) SELECT %s, {COLUMNS} FROM audit_entry WHERE seq = %s", at, at + 1)
    sql("UPDATE audit_head SET size = %s", size + 1)


def swap(at: int, size: int, rng: random.Random) -> None:
    """Two neighbours change places."""
    _number(at, -1)
    _number(at + 1, at)
    _number(-1, at + 1)


def cut(at: int, size: int, rng: random.Random) -> None:
    """The end gone, from an entry on."""
    sql("DELETE FROM audit_personalfacts WHERE entry_id >= %s", at)
    sql("DELETE FROM audit_entry WHERE seq >= %s", at)


def edit_personal(at: int, size: int, rng: random.Random) -> None:
    """Other personal facts beside an entry."""
    sql("UPDATE audit_personalfacts SET body = %s WHERE entry_id = %s", '{"name":"other"}', at)


def roll_back(at: int, size: int, rng: random.Random) -> None:
    """The end gone and the head made to fit, as an older copy of the database would have it."""
    cut(at, size, rng)
    sql(
        "UPDATE audit_head SET size = %s, hash = %s", at - 1, one("SELECT hash FROM audit_entry WHERE seq = %s", at - 1)
    )


def rewrite(at: int, size: int, rng: random.Random) -> None:
    """From an entry on everything written anew with the program's own rules, the head as well."""
    edit_and_hash_again(at, size, rng)
    previous = one("SELECT hash FROM audit_entry WHERE seq = %s", at)
    for later in range(at + 1, size + 1):
        body = canonical(json.loads(_body(later)) | {"previous": previous})
        previous = hash_body(body)
        sql("UPDATE audit_entry SET body = %s, hash = %s WHERE seq = %s", body, previous, later)
    sql("UPDATE audit_head SET hash = %s", previous)


# How far from the damage the first fault is named: where an entry was hashed anew, only its follower can show it.
SEEN_INSIDE: dict[Damage, tuple[int, ...]] = {
    edit_text: (0,),
    edit_column: (0,),
    edit_hash: (0,),
    edit_and_hash_again: (1,),
    delete: (0,),
    delete_and_close_up: (0,),
    insert: (1,),  # the copy of an entry in its own place is that entry; its original is one too many
    swap: (0,),
    cut: (0,),
    edit_personal: (0,),
}
SEEN_AGAINST_CHECKPOINT: tuple[Damage, ...] = (roll_back, rewrite)
