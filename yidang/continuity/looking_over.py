"""Looking over what came back: the log to its end, every row as the log tells it, objects byte by byte, records opened."""

import random
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from yidang import vault
from yidang.audit import checkpoints
from yidang.audit.models import Entry
from yidang.audit.rows import check_rows
from yidang.audit.verify import Seen, Walk
from yidang.catalogue import row_digests
from yidang.catalogue.models import Document, Record
from yidang.common.digests import digest_file
from yidang.common.errors import YidangError
from yidang.continuity.manifest import Manifest
from yidang.vault.assembling import find_sources
from yidang.vault.examining import examine
from yidang.vault.models import StoredObject
from yidang.vault.root import Root

MOST_FAULTS = 200


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
    objects: int = 0  # compared byte by byte
    bytes: int = 0
    rolled_back: int = 0
    without_row: int = 0
    taken_in: int = 0  # objects that sites held beyond the backup
    newest_record_at: str = ""
    sample: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, sentence: str) -> None:
        """Keep one, as long as a report can be read."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(sentence)


def look_over_the_log(told: Manifest, report: Restored) -> None:
    """The whole log, up to the checkpoint that the backup's head holds, signed by the key that came back."""
    walk = Walk([Seen(told.entries, bytes.fromhex(told.root), _("the backup's own checkpoint"))])
    for fault in walk:
        report.fault(f"{fault.seq}: {fault.detail}")
    report.entries, report.root = walk.entries, walk.root
    try:
        checkpoints.read(told.note)
    except YidangError as error:
        report.fault(f"{_('The archive key that came back is not the one that signed')}: {error}")


def look_over_the_rows(told: Manifest, report: Restored) -> None:
    """As many as there were, each as the log tells it."""
    report.records, report.documents = Record.objects.count(), Document.objects.count()
    newest = Record.objects.aggregate(newest=Max("received_at"))["newest"]
    report.newest_record_at = newest.isoformat() if newest else ""
    for name, there, least in (
        ("records", report.records, told.records), ("documents", report.documents, told.documents),
        ("objects", StoredObject.objects.count(), told.objects),
    ):  # fmt: skip
        if there < least:
            report.fault(
                _("%(name)s: %(there)d came back, %(least)d were there.")
                % {"name": name, "there": there, "least": least}
            )
    for fault in check_rows():
        report.fault(f"{fault.seq}: {fault.detail}")


def look_over_the_objects(root: Root, report: Restored) -> None:
    """Every file of every object on one site, read and compared."""

    def read(size: int) -> None:
        report.bytes += size

    for row in StoredObject.objects.order_by("pk").iterator(chunk_size=1000):
        report.objects += 1
        for fault in examine(root, row, find_sources(row), read):
            report.fault(f"{root.key}: {row.object_id} {fault.path}: {fault.kind}")


def open_some(report: Restored, sample: int) -> None:
    """Open so many records, chosen at random: the row as the log tells it, each file as the catalogue tells it."""
    keys = list(Record.objects.exclude(state=Record.WITHDRAWN).values_list("pk", flat=True))
    for pk in random.SystemRandom().sample(keys, min(sample, len(keys))):
        report.sample.append(_open(Record.objects.get(pk=pk), report))


def _open(record: Record, report: Restored) -> dict[str, Any]:
    key = str(record.public_id)
    digest = row_digests.digest_of(record)
    tellers = Entry.objects.filter(target_kind=row_digests.RECORD, target=key, row__isnull=False).order_by("-seq")
    told = tellers.values_list("row", flat=True).first()
    if told is not None and told != digest:
        report.fault(_("Record %(key)s is not as the log tells it.") % {"key": key})
    read = 0
    for document in record.documents.all():
        try:
            found = digest_file(vault.local_path(record.object_id, document.path, check=True)).sha256
        except YidangError as error:
            report.fault(f"{key} {document.path}: {error}")
            continue
        read += 1
        if found != document.sha256:
            report.fault(
                _("Record %(key)s: %(path)s is not the file that was filed.") % {"key": key, "path": document.path}
            )
    return {"record": key, "code": record.code or record.accession_number, "digest": digest, "documents": read}
