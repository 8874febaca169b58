"""The proof of one entry: the few hashes that lead from it to a signed checkpoint."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yidang.audit import checkpoints, tree
from yidang.audit.models import Entry
from yidang.common.errors import NotFound


@dataclass(frozen=True)
class EntryProof:
    """What shows that an entry stands at its number in the log of a checkpoint."""

    seq: int
    hash: str
    parts: list[bytes]
    note: str
    size: int


def proof_of(seq: int) -> EntryProof:
    """The proof of an entry by the last checkpoint; one is taken now if the entry is younger than that.

    :raises NotFound: there is no such entry
    """
    told = Entry.objects.filter(seq=seq).values_list("hash", flat=True).first()
    if told is None:
        raise NotFound(_("There is no entry of this number."), code="no_such_entry")
    checkpoint = checkpoints.latest()
    if checkpoint is None or checkpoint.size < seq:
        checkpoint = checkpoints.take()
    return EntryProof(seq, told, tree.inclusion(seq - 1, checkpoint.size), checkpoint.note, checkpoint.size)
