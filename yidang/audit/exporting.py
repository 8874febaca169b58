"""The log as a folder that anyone can check without us."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, writer
from yidang.audit.models import Entry
from yidang.common import signing
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput

VERIFIER = Path(__file__).resolve().parent / "verify_audit.py"


@dataclass(frozen=True)
class Exported:
    """What was written."""

    folder: Path
    size: int
    hash: str
    key_id: str


def export_log(folder: Path, *, actor: Actor, with_personal: bool = False) -> Exported:
    """Write entries, checkpoint, public key and verifier into a new folder.

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
    _write_entries(folder / "entries.jsonl", checkpoint.size, with_personal)
    (folder / "checkpoint.txt").write_text(checkpoint.signed(), encoding="utf-8")
    key = signing.archive_key()
    (folder / "public_key.pem").write_text(key.public_pem, encoding="ascii")
    shutil.copyfile(VERIFIER, folder / VERIFIER.name)
    return Exported(folder, checkpoint.size, checkpoint.hash, key.key_id)


def _write_entries(path: Path, size: int, with_personal: bool) -> None:
    rows = Entry.objects.filter(seq__lte=size).order_by("seq")
    if with_personal:
        rows = rows.select_related("personal")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for entry in rows.iterator(chunk_size=2000):
            line: dict[str, object] = {"body": entry.body, "hash": entry.hash}
            beside = getattr(entry, "personal", None) if with_personal else None
            if beside is not None:
                line["personal"] = {"salt": beside.salt, "body": beside.body}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
