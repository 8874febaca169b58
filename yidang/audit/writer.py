"""Appending to the log."""

import contextvars
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from yidang.audit.chain import canonical, hash_body, personal_digest, time_text
from yidang.audit.checkpoints import ENTRIES
from yidang.audit.later import CHECKPOINT, later
from yidang.audit.models import Entry, Head, PersonalFacts
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import Unavailable

# Written out, because every act waits for them: the same through the models takes half a millisecond more.
_LOCK = "SELECT size, hash FROM audit_head WHERE id = 1"
_ADD = (
    'INSERT INTO audit_entry (seq, at, event, outcome, actor, address, target_kind, target, body, hash, "row") '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_MOVE = "UPDATE audit_head SET size = %s, hash = %s WHERE id = 1"

# The last entry of one request as (seq, hash), so that the edge can tell whether an act already spoke for itself:
# the entry of an act that was rolled back is not there, and another one, with another hash, may have its number.
written_here: contextvars.ContextVar[tuple[int, str] | None] = contextvars.ContextVar("audit_written", default=None)


@dataclass(frozen=True)
class Event:
    """What an entry says: an event ``package.thing.done``, codes and data, no sentences."""

    name: str
    actor: Actor
    target_kind: str = ""
    target: str = ""
    outcome: str = "done"
    facts: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    row: str = ""


def write(
    event: str,
    *,
    actor: Actor,
    target_kind: str = "",
    target: Any = "",
    outcome: str = "done",
    facts: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
    row: str = "",
    now: datetime | None = None,
) -> Entry:
    """Append one entry, inside the transaction of the act it speaks of and as its last step.

    :param outcome: ``done``, ``refused`` or ``failed``
    :param facts: codes and data of the act; nothing that identifies a patient or another private person
    :param personal: facts that a lawful erasure must be able to remove; only their salted digest is chained
    :param row: the digest of the row that the target stands in, as the act leaves it, see :mod:`yidang.audit.rows`
    :raises Unavailable: called outside a transaction, or the log has no head
    """
    told = Event(event, actor, target_kind, str(target), outcome, facts or {}, personal or {}, row)
    return write_many([told], now=now)[0]


def begin_counting() -> None:
    """A new request begins: nothing has been written for it."""
    written_here.set(None)


def covered_by(seq: int) -> None:
    """Say that an earlier entry speaks for this request too: a further page of an opening that is in the log.

    An act that has written its own entry keeps that one; an entry that is not there covers nothing.
    """
    if written_here.get() is None:
        found = Entry.objects.filter(seq=seq).values_list("seq", "hash").first()
        if found is not None:
            written_here.set(found)


def spoke_here() -> bool:
    """Whether an entry of this request is in the log, committed."""
    last = written_here.get()
    return last is not None and Entry.objects.filter(seq=last[0], hash=last[1]).exists()


def write_many(events: Sequence[Event], *, now: datetime | None = None) -> list[Entry]:
    """Append several entries in their order under one lock.

    :raises Unavailable: called outside a transaction, or the log has no head
    """
    if not connection.in_atomic_block:
        raise Unavailable("The log is written inside a transaction only.", code="audit_outside_transaction")
    with connection.cursor() as cursor:
        cursor.execute(_LOCK + (" FOR UPDATE" if connection.features.has_select_for_update else ""))
        found = cursor.fetchone()
        if found is None:
            raise Unavailable("The log has no head; run the migrations.", code="audit_no_head")
        head = Head(pk=1, size=found[0], hash=found[1])
        moment = now or clock.now()
        linked = [_link(event, head, moment) for event in events]
        entries = [entry for entry, _beside in linked]
        at = connection.ops.adapt_datetimefield_value(moment)
        cursor.executemany(
            _ADD,
            [
                (
                    one.seq, at, one.event, one.outcome, one.actor, one.address, one.target_kind, one.target, one.body,
                    one.hash, one.row,
                )
                for one in entries
            ],
        )  # fmt: skip
        cursor.execute(_MOVE, (head.size, head.hash))
    if beside := [personal for _entry, personal in linked if personal is not None]:
        PersonalFacts.objects.bulk_create(beside)
    if head.size // ENTRIES != (head.size - len(entries)) // ENTRIES:
        later(CHECKPOINT, key="thousand")
    if entries:
        written_here.set((entries[-1].seq, entries[-1].hash))
    return entries


def _link(event: Event, head: Head, moment: datetime) -> tuple[Entry, PersonalFacts | None]:
    """Make the next entry and move the head on to it."""
    seq = head.size + 1
    personal = None
    digest = ""
    if event.personal:
        personal = PersonalFacts(entry_id=seq, salt=secrets.token_hex(16), body=canonical(event.personal))
        digest = personal_digest(personal.salt, personal.body)
    actor = event.actor
    said: dict[str, Any] = {"row": event.row} if event.row else {}
    body = canonical(
        {
            **said,
            "seq": seq,
            "at": time_text(moment),
            "event": event.name,
            "outcome": event.outcome,
            "actor": {
                "kind": actor.kind,
                "username": actor.username,
                "on_behalf_of": actor.on_behalf_of,
                "client": actor.client,
                "address": actor.address,
                "session": actor.session,
            },
            "target": {"kind": event.target_kind, "id": event.target},
            "facts": event.facts,
            "personal": digest,
            "previous": head.hash,
        }
    )
    entry = Entry(
        seq=seq,
        at=moment,
        event=event.name,
        outcome=event.outcome,
        actor=actor.username,
        address=actor.address,
        target_kind=event.target_kind,
        target=event.target,
        body=body,
        hash=hash_body(body),
        row=event.row or None,
    )
    head.size, head.hash = seq, entry.hash
    return entry, personal
