"""Walking the log: every edit, removal, insertion, swap and cut is named; what witnesses saw is compared with what is there.

Separate from what writes the log: it shares the form of an entry (``chain``) and the tables with it, no more.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from yidang.audit.chain import ORIGIN, hash_body, personal_digest, time_text
from yidang.audit.models import Entry, Head
from yidang.audit.proofs import Growing

CHUNK = 2000
# What reading a row raises when its bytes are not what was written.
_UNREADABLE = (DatabaseError, ValueError, TypeError, OverflowError)
COLUMNS = (
    "seq", "at", "event", "outcome", "actor", "address", "target_kind", "target", "row", "hash", "body",
    "personal__salt", "personal__body",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """The root at one size, and who saw it."""

    size: int
    root: bytes
    who: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with the log, and at which entry."""

    seq: int
    kind: str
    detail: str


@dataclass
class Walk:
    """One walk over the whole log: iterate over it for the faults, then read what it counted.

    :param seen: checkpoints that the log must still go through
    :param progress: told now and then how many entries are done, of how many
    """

    seen: list[Seen] = field(default_factory=list)
    progress: Callable[[int, int], None] | None = None
    entries: int = 0
    root: str = ""

    def __iter__(self) -> Iterator[Fault]:
        head = Head.objects.filter(pk=1).first()
        if head is None:
            yield Fault(0, "no_head", _("The log has no head."))
            return
        if (early := Entry.objects.filter(seq__lt=1).order_by("seq").values_list("seq", flat=True).first()) is not None:
            yield Fault(early, "inserted", _("There is an entry before the first one."))
        growing = Growing()
        waiting = sorted(self.seen, key=lambda one: one.size)
        at, agreed = 0, dict[str, int]()
        previous: str | None = ORIGIN
        for row in _rows(head.size):
            seq = row[0]
            if seq != growing.size + 1:
                missing = {"first": growing.size + 1, "last": seq - 1}
                yield Fault(growing.size + 1, "missing", _("Entries %(first)d to %(last)d are not there.") % missing)
                while growing.size < seq - 1:  # the tree keeps its numbering, so that later checkpoints are named right
                    growing.add(b"\0" * 32)
            if len(row) == len(COLUMNS):
                yield from _check(row, previous)
                previous = row[9]
                growing.add(_bytes_of(row[10]))
            else:
                yield Fault(seq, "unreadable", _("The database does not give the entry out: %(why)s") % {"why": row[1]})
                previous = None  # the next one cannot be asked whether it follows
                growing.add(b"\0" * 32)
            while at < len(waiting) and waiting[at].size == growing.size:
                if growing.root() == waiting[at].root:
                    agreed[waiting[at].who] = waiting[at].size
                else:
                    yield _rewritten(waiting[at], agreed.get(waiting[at].who, 0))
                at += 1
            if self.progress is not None and seq % CHUNK == 0:
                self.progress(seq, head.size)
        for one in waiting[at:]:
            yield _cut(one, growing.size)
        yield from _check_head(head, growing.size, previous or "")
        self.entries = growing.size
        self.root = growing.root().hex() if growing.size else ""


def verify(seen: list[Seen] | None = None) -> Iterator[Fault]:
    """Check every entry, its place in the chain and the tree, and the head; yields faults in order, all of them.

    :param seen: checkpoints that the log must still go through; by default none
    """
    yield from Walk(seen or [])


def _rows(size: int) -> Iterator[tuple[Any, ...]]:
    """The columns of every entry; of one that a damaged database does not give out, its number and the reason."""
    entries, last = Entry.objects.filter(seq__lte=size).order_by("seq"), 0
    while True:
        chunk = entries.filter(seq__gt=last)[:CHUNK]
        found: list[tuple[Any, ...]] = []
        try:
            found.extend(chunk.values_list(*COLUMNS))
        except _UNREADABLE:
            found = [_one(seq) for seq in chunk.values_list("seq", flat=True)]
        if not found:
            return
        yield from found
        last = found[-1][0]


def _one(seq: int) -> tuple[Any, ...]:
    try:
        return Entry.objects.filter(seq=seq).values_list(*COLUMNS)[0]
    except _UNREADABLE as reason:
        return seq, str(reason)


def _bytes_of(body: str) -> bytes:
    return bytes.fromhex(hash_body(body))


def _check(row: tuple[Any, ...], previous: str | None) -> Iterator[Fault]:
    seq, at, event, outcome, actor, address, target_kind, target, row_digest, told, text, salt, beside = row
    if hash_body(text) != told:
        yield Fault(seq, "edited", _("The text of the entry does not have its hash."))
    try:
        body = json.loads(text)
        said = (
            body["seq"], body["at"], body["event"], body["outcome"], body["actor"]["username"],
            body["actor"]["address"], body["target"]["kind"], body["target"]["id"], body.get("row"),
        )  # fmt: skip
        linked, digest = body["previous"], body["personal"]
    except (ValueError, KeyError, TypeError):
        yield Fault(seq, "edited", _("The text of the entry cannot be read."))
        return
    columns = (seq, time_text(at) if at else "", event, outcome, actor, address, target_kind, target, row_digest)
    if said != columns:
        yield Fault(seq, "edited", _("The columns of the entry differ from its text."))
    if previous is not None and linked != previous:
        yield Fault(seq, "unlinked", _("The entry does not follow the one before it."))
    if salt is not None and personal_digest(salt, beside) != digest:
        yield Fault(seq, "edited_personal", _("The personal facts beside the entry were changed."))


def _rewritten(seen: Seen, agreed: int) -> Fault:
    detail = _(
        "«%(who)s» saw another log of %(size)d entries: something in the entries %(first)d to %(size)d was changed since."
    )
    return Fault(seen.size, "rewritten", detail % {"who": _(seen.who), "size": seen.size, "first": agreed + 1})


def _cut(seen: Seen, size: int) -> Fault:
    detail = _("«%(who)s» saw %(size)d entries, %(there)d are there: the end is gone, or an older copy was put back.")
    return Fault(size + 1, "cut", detail % {"who": _(seen.who), "size": seen.size, "there": size})


def _check_head(head: Head, size: int, last_hash: str) -> Iterator[Fault]:
    counted = _("The head counts %(counted)d entries, %(there)d are there.")
    if head.size > size:
        yield Fault(size + 1, "cut", counted % {"counted": head.size, "there": size})
    elif head.hash != last_hash:
        yield Fault(size, "unlinked", _("The head does not name the last entry."))
    # Entries that were appended meanwhile are counted by the head as it is now.
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    now = Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    if last > now:
        yield Fault(now + 1, "inserted", counted % {"counted": now, "there": last})
