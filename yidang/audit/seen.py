"""What has been seen of the log by somebody: our own checkpoints, those of witnesses, a file that was kept."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop

from yidang.audit import checkpoints, notes, witnesses
from yidang.audit.models import Checkpoint, Cosignature, Sighting
from yidang.audit.verify import Seen

OWN = gettext_noop(
    "our own checkpoints"
)  # kept with a verification, and put into the reader's language when it is shown


@dataclass(frozen=True)
class Unseen:
    """A checkpoint that cannot be used, or a witness that cannot be asked, and why."""

    who: str
    code: str
    detail: str
    size: int = 0


def read_kept(note: str) -> notes.Head:
    """What a note that somebody brings says of the log.

    :raises CheckpointRefused: it is no checkpoint of this archive, or lacks a signature that it must bear
    """
    head = checkpoints.read(note)
    checkpoints.require_sm2(note)
    return head


def gather(kept: dict[str, str] | None = None, *, ask: bool = True) -> tuple[list[Seen], list[Unseen], list[Unseen]]:
    """Every checkpoint that the log can be compared with.

    :param kept: notes that somebody brings, by what they are called
    :param ask: also ask other archives over the network
    :returns: what was seen; checkpoints in the database that were changed; witnesses that could not be asked
    """
    seen: list[Seen] = []
    changed: list[Unseen] = []
    silent: list[Unseen] = []
    for called, note in (kept or {}).items():
        head = read_kept(note)
        seen.append(Seen(head.size, head.root, called))
    newest = checkpoints.latest()
    for row in Checkpoint.objects.order_by("size").iterator(chunk_size=1000):
        try:
            head = checkpoints.read(row.note)
            if (head.size, head.root.hex()) != (row.size, row.root):
                raise checkpoints.CheckpointRefused()
            if newest is not None and row.size == newest.size:
                checkpoints.require_sm2(row.note)
        except checkpoints.CheckpointRefused:
            changed.append(Unseen(OWN, "edited", str(row.size), row.size))
            continue
        seen.append(Seen(head.size, head.root, OWN))
    for witness in witnesses.configured():
        _add_sighting(witness, seen, changed)
        _add_cosignatures(witness, seen, changed)
        if not (witness.is_folder or ask):
            continue
        try:
            told = witnesses.what_was_seen(witness)
        except witnesses.NotTaken as reason:
            silent.append(Unseen(witness.name, reason.code, reason.detail))
        else:
            seen += [Seen(head.size, head.root, witness.name) for head, _note in told]
    return seen, changed, silent


def _add_cosignatures(witness: witnesses.Witness, seen: list[Seen], changed: list[Unseen]) -> None:
    """Everything that another archive has signed for us, if its signature still holds."""
    if witness.key is None:
        return
    for row in Cosignature.objects.filter(witness=witness.name).order_by("size").iterator(chunk_size=1000):
        try:
            head, note = checkpoints.read(row.note), notes.parse(row.note)
            if head.size != row.size or note.cosigned_by(witness.key) is None:
                raise checkpoints.CheckpointRefused()
        except (notes.NoteRefused, checkpoints.CheckpointRefused):
            changed.append(Unseen(witness.name, "edited", str(row.size), row.size))
            continue
        seen.append(Seen(head.size, head.root, witness.name))


def _add_sighting(witness: witnesses.Witness, seen: list[Seen], changed: list[Unseen]) -> None:
    """What we remember that a witness saw, if its note still says so."""
    row = Sighting.objects.filter(witness=witness.name).exclude(size=0).first()
    if row is None:
        return
    try:
        note = notes.parse(row.note)
        head = checkpoints.read(row.note)
    except (notes.NoteRefused, checkpoints.CheckpointRefused):
        changed.append(Unseen(witness.name, "edited", str(row.size), row.size))
        return
    if head.size != row.size or (witness.key is not None and note.cosigned_by(witness.key) is None):
        changed.append(Unseen(witness.name, "edited", str(row.size), row.size))
        return
    seen.append(Seen(head.size, head.root, witness.name))
