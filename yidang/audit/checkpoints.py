"""The head of the log as a signed note: size and Merkle root, to be kept where the database's owner has no say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yidang.audit import notes, tree
from yidang.audit.models import Checkpoint, Entry, Head
from yidang.common import clock, signing
from yidang.common.errors import InvalidInput, Unavailable

# What is written after a checkpoint may still be rewritten unseen: a minute, or a thousand entries, whichever is first.
SECONDS, ENTRIES = 60, 1000
# Showing checkpoints makes entries; if those made checkpoints, two archives that witness each other would never rest.
OWN_EVENTS = "audit.witness."


class CheckpointRefused(InvalidInput):
    """What was given is not a checkpoint of this archive."""

    code = "checkpoint_refused"
    default_message = _("This is not a checkpoint that this archive signed.")
    default_remedy = _("Give the file as it was kept, with its last line.")


@dataclass(frozen=True)
class Exposure:
    """What no checkpoint covers yet: so many entries, the oldest of them written at a time."""

    entries: int
    since: datetime | None


def origin() -> str:
    """The name of this archive's log, the same for ever: what the setting says, else what it has been called so far."""
    named = str(getattr(settings, "LOG_NAME", "") or "")
    if named:
        return named
    before = Checkpoint.objects.order_by("size").values_list("origin", flat=True).first()
    return before or f"yidang-audit/{signing.archive_key().key_id}"


def own_key() -> notes.VerifierKey:
    """The key that signs our checkpoints, under the log's name: what another archive registers to be our witness."""
    return notes.VerifierKey(origin(), signing.archive_key().public_raw)


def take(now: datetime | None = None) -> Checkpoint:
    """Sign the head as it is now; the same size is signed once.

    :raises Unavailable: the log has no head, or is empty
    """
    head = Head.objects.filter(pk=1).first()
    if head is None:
        raise Unavailable(_("The log has no head; run the migrations."), code="audit_headless")
    made = Checkpoint.objects.filter(size=head.size).first()
    if made is not None:
        return made
    tree.catch_up(head.size)
    # Signed outside the transaction: no writer waits for it, and what stands before the head never changes.
    signed = notes.Head(origin(), head.size, tree.root(head.size))
    facts = {"origin": signed.origin, "root": signed.root.hex(), "note": sign(signed), "at": now or clock.now()}
    checkpoint, _made = Checkpoint.objects.get_or_create(size=head.size, defaults=facts)
    return checkpoint


def sign(head: notes.Head) -> str:
    """The note of a head by the archive's keys."""
    return notes.sign(head.text, name=head.origin, key=signing.archive_key(), beside=signing.sm2_key())


def require_sm2(note: str) -> None:
    """Compare the SM2 line of a note that :func:`read` took, where there is one; slow, so asked of single notes.

    :raises CheckpointRefused: it does not fit
    """
    key = signing.sm2_key()
    if key is not None and notes.parse(note).sm2_signed_by(notes.VerifierKey(origin(), key.public)) is False:
        raise CheckpointRefused(_("The SM2 signature of this checkpoint does not fit."))


def take_if_due(now: datetime) -> Checkpoint | None:
    """Sign the head if something happened since the last time; the job that calls this comes often enough."""
    before = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    if not Entry.objects.filter(seq__gt=before).exclude(event__startswith=OWN_EVENTS).exists():
        return None
    return take(now)


def latest() -> Checkpoint | None:
    """The last one that was taken."""
    return Checkpoint.objects.order_by("-size").first()


def exposure() -> Exposure:
    """What could still be rewritten without any checkpoint telling."""
    last = latest()
    rows = Entry.objects.filter(seq__gt=last.size if last else 0)
    first = rows.order_by("seq").values_list("at", flat=True).first()
    return Exposure(rows.count(), first)


def read(note: str) -> notes.Head:
    """A checkpoint from its note, after its signature was checked with a key of this archive, also a former one.

    :raises CheckpointRefused: it cannot be read, is of another log, or the signature does not fit
    """
    try:
        parsed = notes.parse(note)
        head = parsed.head
    except notes.NoteRefused:
        raise CheckpointRefused() from None
    if head.origin != origin():
        raise CheckpointRefused(_("This is a checkpoint of another log."), origin=head.origin)
    if not any(parsed.signed_by(notes.VerifierKey(head.origin, public)) for public in signing.public_keys()):
        raise CheckpointRefused()
    return head


def thin(now: datetime) -> int:
    """Of checkpoints older than a month keep the last of each day; answers how many went."""
    old = Checkpoint.objects.filter(at__lt=now - timedelta(days=31)).order_by("size").values_list("size", "at")
    last_of_day = {at.date(): size for size, at in old}
    gone = [size for size, at in old if last_of_day[at.date()] != size]
    for first in range(0, len(gone), 500):
        Checkpoint.objects.filter(size__in=gone[first : first + 500]).delete()
    return len(gone)
