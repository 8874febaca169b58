"""Walking the chain: every edit, removal, insertion, swap and cut is named."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yidang.audit import checkpoints
from yidang.audit.chain import ORIGIN, hash_body, personal_digest, time_text
from yidang.audit.models import Entry, Head


@dataclass(frozen=True)
class Fault:
    """What is wrong with the log, and at which entry."""

    seq: int
    kind: str
    detail: str


def verify(*, first: int = 1) -> Iterator[Fault]:
    """Check every entry from ``first`` on, then the head; yields faults in order and does not stop at the first."""
    expected_seq, previous = first, ORIGIN
    if first <= 1 and (early := Entry.objects.filter(seq__lt=1).order_by("seq").first()) is not None:
        yield Fault(early.seq, "inserted", _("There is an entry before the first one."))
    if first > 1:
        before = Entry.objects.filter(seq=first - 1).values_list("hash", flat=True).first()
        if before is None:
            yield Fault(first - 1, "missing", _("The entry before the first one asked for is not there."))
        previous = before or ""
    rows = Entry.objects.filter(seq__gte=first).select_related("personal").order_by("seq")
    for entry in rows.iterator(chunk_size=2000):
        if entry.seq != expected_seq:
            missing = {"first": expected_seq, "last": entry.seq - 1}
            yield Fault(expected_seq, "missing", _("Entries %(first)d to %(last)d are not there.") % missing)
        yield from _check(entry, previous)
        expected_seq, previous = entry.seq + 1, entry.hash
    yield from _check_head(expected_seq - 1, previous)


def verify_against(text: str) -> Iterator[Fault]:
    """Check that the log still goes through a checkpoint that was kept elsewhere.

    :raises CheckpointRefused: the checkpoint is not one of ours, or its signature does not fit
    """
    checkpoint = checkpoints.read(text)
    there = Entry.objects.filter(seq=checkpoint.size).values_list("hash", flat=True).first() or ""
    if checkpoint.size == 0:
        there = ORIGIN
    if not there:
        yield Fault(checkpoint.size, "cut", _("The log is shorter than it was at the checkpoint."))
    elif there != checkpoint.hash:
        yield Fault(checkpoint.size, "rewritten", _("The log up to the checkpoint is another one than it was then."))


def _check(entry: Entry, previous: str) -> Iterator[Fault]:
    if hash_body(entry.body) != entry.hash:
        yield Fault(entry.seq, "edited", _("The text of the entry does not have its hash."))
    try:
        body = json.loads(entry.body)
        told: tuple[Any, ...] = (body["seq"], body["at"], body["event"], body["outcome"], body["actor"]["username"])
        told += (body["actor"]["address"], body["target"]["kind"], body["target"]["id"])
        linked, digest = body["previous"], body["personal"]
    except (ValueError, KeyError, TypeError):
        yield Fault(entry.seq, "edited", _("The text of the entry cannot be read."))
        return
    columns: tuple[Any, ...] = (entry.seq, time_text(entry.at), entry.event, entry.outcome, entry.actor)
    columns += (entry.address, entry.target_kind, entry.target)
    if told != columns:
        yield Fault(entry.seq, "edited", _("The columns of the entry differ from its text."))
    if linked != previous:
        yield Fault(entry.seq, "unlinked", _("The entry does not follow the one before it."))
    personal = getattr(entry, "personal", None)
    if personal is not None and personal_digest(personal.salt, personal.body) != digest:
        yield Fault(entry.seq, "edited_personal", _("The personal facts beside the entry were changed."))


def _check_head(size: int, last_hash: str) -> Iterator[Fault]:
    head = Head.objects.filter(pk=1).first()
    if head is None:
        yield Fault(size, "no_head", _("The log has no head."))
    elif head.size > size:
        yield Fault(
            size + 1,
            "cut",
            _("The head counts %(counted)d entries, %(there)d are there.") % {"counted": head.size, "there": size},
        )
    elif head.size < size:
        yield Fault(
            head.size + 1,
            "inserted",
            _("The head counts %(counted)d entries, %(there)d are there.") % {"counted": head.size, "there": size},
        )
    elif head.hash != last_hash:
        yield Fault(size, "unlinked", _("The head does not name the last entry."))
