"""What stands at the head of every backup: of when it is, what it holds, and what must come back."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Max

from yidang.audit import checkpoints
from yidang.catalogue.models import Document, Record
from yidang.common import clock
from yidang.vault import sites
from yidang.vault.folder import Folder
from yidang.vault.models import StoredObject

NAME, KEYS, FORMAT = "manifest.json", "keys.wrapped", "yidang-backup/1"


@dataclass(frozen=True)
class Manifest:
    """The head of a backup. Paths are those of the machine that made it."""

    format: str
    program: str
    made_at: str
    database: str
    bundle: str
    site: str
    site_key: str
    others: dict[str, str]
    entries: int
    root: str
    note: str
    records: int
    documents: int
    objects: int
    newest_record_at: str
    settings: dict[str, str]

    def write(self, folder: Path) -> None:
        """Put it beside the rest."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / NAME).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The head of a backup that lies in a folder."""
    return Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))


def describe(bundle: Path, others: dict[str, Path]) -> Manifest:
    """The head of a backup that is to be taken now; written before the database is copied, so the copy holds all of it."""
    taken = checkpoints.take()
    # One folder's bytes are enough; buckets keep theirs at the store, and a restore finds them there.
    site = next((root for root in sites.required_roots() if isinstance(root, Folder)), None)
    newest: datetime | None = Record.objects.aggregate(newest=Max("received_at"))["newest"]
    return Manifest(
        format=FORMAT, program=program(), made_at=clock.now().isoformat(), database=connection.vendor, bundle=str(bundle),
        site=site.address if site else "", site_key=site.key if site else "", others={name: str(path) for name, path in others.items()},
        entries=taken.size, root=taken.root, note=taken.note, records=Record.objects.count(),
        documents=Document.objects.count(), objects=StoredObject.objects.count(),
        newest_record_at=newest.isoformat() if newest else "",
        settings={name: value for name, value in sorted(os.environ.items()) if name.startswith("YIDANG_")},
    )  # fmt: skip


def program() -> str:
    """The version of this program."""
    try:
        return version("yidang")
    except PackageNotFoundError:
        return ""


def bundle_folder() -> Path:
    """Where the parts that are not files of the archive are gathered; always the same, so that restic knows them again."""
    return Path(settings.DATA) / "cache" / "backup"
