"""The log as a folder that anyone can check without us."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, notes, tree, writer
from yidang.audit.chain import ORIGIN
from yidang.audit.models import Checkpoint, Entry
from yidang.common import signing, sm2
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput

CHUNK = 2000
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
    with transaction.atomic():
        writer.write("audit.log.exported", actor=actor, facts={"with_personal": with_personal})
    checkpoint = checkpoints.take()
    _write_entries(folder / "entries.jsonl", 1, checkpoint.size, with_personal, progress)
    with (folder / "checkpoints.txt").open("w", encoding="utf-8", newline="\n") as file:
        kept = Checkpoint.objects.filter(size__lte=checkpoint.size).order_by("size")
        for note in kept.values_list("note", flat=True).iterator():
            file.write(note + "\n")
    return _finish(folder, checkpoint.size, checkpoint.root, checkpoint.note)


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
    (folder / "checkpoint.txt").write_text(note, encoding="utf-8")
    key = signing.archive_key()
    (folder / "public_key.pem").write_text(key.public_pem, encoding="ascii")
    if (national := signing.sm2_key()) is not None:
        (folder / "public_key_sm2.pem").write_text(sm2.pem(national.public), encoding="ascii")
    shutil.copyfile(VERIFIER, folder / VERIFIER.name)
    return Exported(folder, last, root, key.key_id)


def _write_entries(
    path: Path, first: int, size: int, with_personal: bool, progress: Callable[[int, int], None] | None
) -> None:
    columns = ["seq", "body", "hash"] + (["personal__salt", "personal__body"] if with_personal else [])
    rows = Entry.objects.filter(seq__gte=first, seq__lte=size).order_by("seq").values_list(*columns)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for seq, body, told, *beside in rows.iterator(chunk_size=CHUNK):
            line: dict[str, object] = {"body": body, "hash": told}
            if beside and beside[0] is not None:
                line["personal"] = {"salt": beside[0], "body": beside[1]}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if progress is not None and seq % CHUNK == 0:
                progress(seq, size)
