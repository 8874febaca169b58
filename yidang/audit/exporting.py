"""The log as a folder that anyone can check without us."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, notes, policy, tree, writer
from yidang.audit.chain import ORIGIN
from yidang.audit.models import Checkpoint, Entry
from yidang.common import signing, sm2
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput

CHUNK = 2000
PART = 1 << 16  # bytes
VERIFIER = Path(__file__).resolve().parent / "verify_audit.py"


@dataclass(frozen=True)
class Exported:
    """What was written."""

    folder: Path
    size: int
    root: str
    key_id: str


def export_log(
    folder: Path, *, actor: Actor, with_personal: bool = False, progress: Callable[[int, int], None] | None = None
) -> Exported:
    """Write entries, checkpoints, public key and verifier into a new folder, streaming.

    The export itself is an entry, the last one in it. Personal facts stay behind unless asked for; their digests go.

    :raises InvalidInput: the folder holds something already
    """
    _require_empty(folder)
    checkpoint = _tell(actor, with_personal)
    _write_entries(folder / "entries.jsonl", 1, checkpoint.size, with_personal, progress)
    with (folder / "checkpoints.txt").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_notes(checkpoint.size))
    return _finish(folder, checkpoint.size, checkpoint.root, checkpoint.note)


def stream_log(*, actor: Actor) -> Iterator[bytes]:
    """The same without personal facts as one ZIP, in parts as they are read: the whole of it is never in memory.

    The entry of the export is written, and the actor asked for their right, before the first part is asked for.

    :raises NotFound: the actor does not read the log
    """
    policy.require_reads_log(actor)
    return _zipped(_tell(actor, with_personal=False))


def _zipped(checkpoint: Checkpoint) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        streams = {
            "entries.jsonl": _lines(1, checkpoint.size, False),
            "checkpoints.txt": _notes(checkpoint.size),
        }
        for name, lines in streams.items():
            with pack.open(name, "w", force_zip64=True) as file:
                for line in lines:
                    file.write(line.encode())
                    if pipe.waiting > PART:
                        yield pipe.take()
        for name, content in _papers(checkpoint.note).items():
            pack.writestr(name, content)
    yield pipe.take()


class _Pipe(io.RawIOBase):
    """A file that is only written to; what was written is taken out at its other end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, part: Any, /) -> int:
        """Take a part in."""
        self._parts.append(bytes(part))
        self.waiting += len(part)
        return len(part)

    def take(self) -> bytes:
        """Everything written since the last time."""
        taken, self._parts, self.waiting = b"".join(self._parts), [], 0
        return taken


def _tell(actor: Actor, with_personal: bool) -> Checkpoint:
    """The export's own entry, and the checkpoint that covers it."""
    with transaction.atomic():
        writer.write("audit.log.exported", actor=actor, facts={"with_personal": with_personal})
    return checkpoints.take()


def export_part(folder: Path, first: int, last: int) -> Exported:
    """Write a part of the log, without personal facts; what stands before it is given by its few hashes.

    The verifier begins with those, and the signed root at the end shows that they are right.

    :raises InvalidInput: the folder holds something already
    """
    _require_empty(folder)
    tree.catch_up(last)
    root = tree.root(last)
    before = Entry.objects.filter(seq=first - 1).values_list("hash", flat=True).first() or ORIGIN
    start = {"size": first - 1, "hash": before, "peaks": [peak.hex() for peak in tree.peaks(first - 1)]}
    (folder / "start.json").write_text(json.dumps(start) + "\n", encoding="ascii")
    _write_entries(folder / "entries.jsonl", first, last, False, None)
    note = checkpoints.sign(notes.Head(checkpoints.origin(), last, root))
    (folder / "checkpoints.txt").write_text(note, encoding="utf-8")
    return _finish(folder, last, root.hex(), note)


def _require_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(
            _("The folder %(folder)s is not empty.") % {"folder": folder}, code="folder_not_empty", field="dest",
            remedy=_("Name a new folder."),
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)


def _finish(folder: Path, last: int, root: str, note: str) -> Exported:
    """The last checkpoint, the key and the verifier beside the entries."""
    for name, content in _papers(note).items():
        (folder / name).write_text(content, encoding="utf-8")
    return Exported(folder, last, root, signing.archive_key().key_id)


def _papers(note: str) -> dict[str, str]:
    """What stands beside the entries: the last checkpoint, the keys, the verifier."""
    papers = {
        "checkpoint.txt": note,
        "public_key.pem": signing.archive_key().public_pem,
        VERIFIER.name: VERIFIER.read_text(encoding="utf-8"),
    }
    if (national := signing.sm2_key()) is not None:
        papers["public_key_sm2.pem"] = sm2.pem(national.public)
    return papers


def _notes(size: int) -> Iterator[str]:
    kept = Checkpoint.objects.filter(size__lte=size).order_by("size")
    for note in kept.values_list("note", flat=True).iterator():
        yield note + "\n"


def _write_entries(
    path: Path, first: int, size: int, with_personal: bool, progress: Callable[[int, int], None] | None
) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for seq, line in enumerate(_lines(first, size, with_personal), first):
            file.write(line)
            if progress is not None and seq % CHUNK == 0:
                progress(seq, size)


def _lines(first: int, size: int, with_personal: bool) -> Iterator[str]:
    """Each entry as one line of JSON, read in chunks: a slow download holds no transaction of the database open."""
    columns = ["body", "hash"] + (["personal__salt", "personal__body"] if with_personal else [])
    for start in range(first, size + 1, CHUNK):
        rows = Entry.objects.filter(seq__gte=start, seq__lt=min(start + CHUNK, size + 1)).order_by("seq")
        for body, told, *beside in rows.values_list(*columns):
            line: dict[str, object] = {"body": body, "hash": told}
            if beside and beside[0] is not None:
                line["personal"] = {"salt": beside[0], "body": beside[1]}
            yield json.dumps(line, ensure_ascii=False) + "\n"
