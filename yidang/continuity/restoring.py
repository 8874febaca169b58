"""From nothing to a whole archive: the backup is read into an empty folder, put in place, and examined."""

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from yidang import audit, vault
from yidang.audit import checkpoints
from yidang.audit.models import Entry
from yidang.audit.verify import Seen, Walk
from yidang.catalogue import row_digests
from yidang.catalogue.models import Document, Record
from yidang.common.actor import Actor
from yidang.common.digests import digest_file
from yidang.common.errors import YidangError
from yidang.continuity import manifest, wrapping
from yidang.continuity.databases import POSTGRESQL, SQLITE, restore_database
from yidang.continuity.engine import Place
from yidang.continuity.errors import BackupDamaged
from yidang.continuity.manifest import Manifest
from yidang.continuity.rolling_back import roll_back_newer
from yidang.vault import sites
from yidang.vault.folder import Folder
from yidang.vault.models import Site, StoredObject

MARK = "restoring"
SAMPLE = 20


@dataclass
class Restored:
    """What came back, how long it took, and what is not as it was. Times in seconds."""

    snapshot: str
    made_at: str
    seconds: float = 0
    entries: int = 0
    root: str = ""
    records: int = 0
    documents: int = 0
    rolled_back: int = 0
    without_row: int = 0
    newest_record_at: str = ""
    sample: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def restore(
    place: Place,
    *,
    snapshot: str = "latest",
    sample: int = SAMPLE,
    copies: bool = True,
    say: Callable[[str], None] = lambda _sentence: None,
) -> Restored:
    """Fill this process's data folder, which holds nothing but what its settings made, from a backup.

    :param snapshot: which backup; the latest by default
    :param sample: so many records are opened and compared, chosen at random
    :param copies: also fill the vault's other sites from the one that came back
    :raises NoBackupThere, WrongPassphrase, BackupDamaged: nothing is whole; the same command begins anew
    """
    began = time.monotonic()
    data = Path(settings.DATA)
    say(_("Reading the backup"))
    aside = data / "cache" / "restored"
    found = place.snapshots()
    place.read(snapshot, aside)
    told = _put_in_place(aside, place.passphrase, data)
    shutil.rmtree(aside, ignore_errors=True)
    call_command("migrate", interactive=False, verbosity=0)
    report = Restored(found[-1].id if snapshot == "latest" else snapshot, told.made_at)
    _settle_sites(told, report)
    say(_("Examining what came back"))
    _examine(told, report, sample)
    if copies:
        say(_("Filling the other sites"))
        _fill_others(told)
    with transaction.atomic():
        audit.write(
            "continuity.archive.restored", actor=Actor.system("restore"), outcome="failed" if report.faults else "done",
            facts={"snapshot": report.snapshot, "made_at": told.made_at, "entries": told.entries, "faults": report.faults[:20]},
        )  # fmt: skip
    (data / MARK).unlink(missing_ok=True)
    report.seconds = time.monotonic() - began
    return report


def _put_in_place(aside: Path, passphrase: str, data: Path) -> Manifest:
    """Move each part from the whole path that it had on the old machine to where this one keeps it."""
    heads = [path for path in aside.rglob(manifest.NAME) if path.parent.name == manifest.bundle_folder().name]
    if len(heads) != 1:
        raise BackupDamaged(reasons="the head of the backup is not there")
    bundle = heads[0].parent
    told = manifest.read_manifest(bundle)
    wrapping.unwrap((bundle / manifest.KEYS).read_bytes(), passphrase, data / "keys")
    database = next((bundle / name for name in (SQLITE, POSTGRESQL) if (bundle / name).exists()), None)
    if database is None:
        raise BackupDamaged(reasons="the database is not there")
    restore_database(database, data / "database")
    if told.site:
        root = _site_of(told)
        _move(aside / told.site.lstrip("/"), root.path if root else data / "vault" / told.site_key)
    for name, path in told.others.items():
        _move(aside / path.lstrip("/"), data / name)
    lines = [f"{name}={value}" for name, value in told.settings.items()]
    kept = data / "settings-of-the-backup.env"  # may hold the database's password
    kept.touch(mode=0o600)
    kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return told


def _move(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(str(source), str(target))


def _site_of(told: Manifest) -> Folder | None:
    """The folder among the sites of today's settings that the backup's bytes belong to."""
    found = (root for root in sites.roots() if isinstance(root, Folder) and root.key == told.site_key)
    return next(found, None)


def _settle_sites(told: Manifest, report: Restored) -> None:
    """The site that came back is known under its new address, and no object is of a later moment than its row."""
    if not told.site:
        return
    root = _site_of(told)
    if root is None:
        report.faults.append(
            _("The settings name no site «%(site)s»; the backup's own settings stand in settings-of-the-backup.env.")
            % {"site": told.site_key}
        )
        return
    Site.objects.filter(key=root.key).update(address=root.address)
    report.rolled_back, report.without_row = roll_back_newer(root)


def _fill_others(told: Manifest) -> None:
    for root in sites.roots():
        if root.key != told.site_key and not root.marker_id:
            vault.refill(root.key, actor=Actor.system("restore"))
    vault.repair(actor=Actor.system("restore"))


def _examine(told: Manifest, report: Restored, sample: int) -> None:
    walk = Walk([Seen(told.entries, bytes.fromhex(told.root), _("the backup's own checkpoint"))])
    report.faults += [f"{fault.seq}: {fault.detail}" for fault in walk]
    report.entries, report.root = walk.entries, walk.root
    try:
        checkpoints.read(told.note)
    except YidangError as error:
        report.faults.append(f"{_('The archive key that came back is not the one that signed')}: {error}")
    report.records, report.documents = Record.objects.count(), Document.objects.count()
    newest = Record.objects.aggregate(newest=Max("received_at"))["newest"]
    report.newest_record_at = newest.isoformat() if newest else ""
    for name, there, least in (
        ("records", report.records, told.records), ("documents", report.documents, told.documents),
        ("objects", StoredObject.objects.count(), told.objects),
    ):  # fmt: skip
        if there < least:
            report.faults.append(
                _("%(name)s: %(there)d came back, %(least)d were there.")
                % {"name": name, "there": there, "least": least}
            )
    keys = list(Record.objects.exclude(state=Record.WITHDRAWN).values_list("pk", flat=True))
    for pk in random.SystemRandom().sample(keys, min(sample, len(keys))):
        report.sample.append(_open(Record.objects.get(pk=pk), report.faults))


def _open(record: Record, faults: list[str]) -> dict[str, Any]:
    """Open one record: its row as the log tells it, every file as the catalogue tells it."""
    key = str(record.public_id)
    digest = row_digests.digest_of(record)
    tellers = Entry.objects.filter(target_kind=row_digests.RECORD, target=key, row__isnull=False).order_by("-seq")
    told = tellers.values_list("row", flat=True).first()
    if told is not None and told != digest:
        faults.append(_("Record %(key)s is not as the log tells it.") % {"key": key})
    read = 0
    for document in record.documents.all():
        try:
            found = digest_file(vault.local_path(record.object_id, document.path, check=True)).sha256
        except YidangError as error:
            faults.append(f"{key} {document.path}: {error}")
            continue
        read += 1
        if found != document.sha256:
            faults.append(
                _("Record %(key)s: %(path)s is not the file that was filed.") % {"key": key, "path": document.path}
            )
    return {"record": key, "code": record.code or record.accession_number, "digest": digest, "documents": read}
