"""The log as a folder that anyone can check without us."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, writer
from yidang.audit.models import Checkpoint, Entry
from yidang.common import signing
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
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(
            _("The folder %(folder)s is not empty.") % {"folder": folder}, code="folder_not_empty", field="dest",
            remedy=_("Name a new folder."),
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    with transaction.atomic():
        writer.write("audit.log.exported", actor=actor, facts={"with_personal": with_personal})
    checkpoint = checkpoints.take()
    _write_entries(folder / "entries.jsonl", checkpoint.size, with_personal, progress)
    (folder / "checkpoint.txt").write_text(checkpoint.note, encoding="utf-8")
    with (folder / "checkpoints.txt").open("w", encoding="utf-8", newline="\n") as file:
        for note in Checkpoint.objects.order_by("size").values_list("note", flat=True).iterator():
            file.write(note + "\n")
    key = signing.archive_key()
    (folder / "public_key.pem").write_text(key.public_pem, encoding="ascii")
    shutil.copyfile(VERIFIER, folder / VERIFIER.name)
    return Exported(folder, checkpoint.size, checkpoint.root, key.key_id)


def _write_entries(path: Path, size: int, with_personal: bool, progress: Callable[[int, int], None] | None) -> None:
    columns = ["seq", "body", "hash"] + (["personal__salt", "personal__body"] if with_personal else [])
    rows = Entry.objects.filter(seq__lte=size).order_by("seq").values_list(*columns)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for seq, body, told, *beside in rows.iterator(chunk_size=CHUNK):
            line: dict[str, object] = {"body": body, "hash": told}
            if beside and beside[0] is not None:
                line["personal"] = {"salt": beside[0], "body": beside[1]}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if progress is not None and seq % CHUNK == 0:
                progress(seq, size)
