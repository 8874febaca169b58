"""The log is kept as long as the records it speaks of: each year that has ended is filed as a record of its own.

It goes through the same door as every record and waits for an archivist's acceptance: a ZIP of the year's entries without
personal facts, the checkpoint at its end, the archive's public key, and the verifier that needs nothing but Python.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Min
from django.utils.timezone import get_current_timezone, localtime

from yidang.audit import exporting
from yidang.audit.models import Entry
from yidang.common.actor import Actor
from yidang.continuity.models import FiledLog
from yidang.intake.actions import receive
from yidang.intake.envelope import read_envelope
from yidang.intake.staging import StagedFile, folder_of, stage
from yidang.people.actors import actor_of_user
from yidang.people.models import User

SOURCE = "yidang-log"
CHUNK = 1024 * 1024


def file_ended_years(*, now: datetime) -> list[FiledLog]:
    """File every year of the log that has ended and is not filed yet; nothing while there is no archivist.

    Asked again after a crash, the same year is answered with the same filing.
    """
    first = Entry.objects.order_by("seq").values_list("at", flat=True).first()
    filer = _filer()
    if first is None or filer is None:
        return []
    filed = set(FiledLog.objects.values_list("year", flat=True))
    years = range(localtime(first).year, localtime(now).year)
    return [made for year in years if year not in filed and (made := _file(year, filer, now)) is not None]


def _filer() -> Actor | None:
    """The program in the name of an archivist, as a connector files in the name of its owner."""
    archivist = User.objects.filter(is_active=True, duties__role="archivist").order_by("pk").first()
    if archivist is None:
        return None
    held = actor_of_user(archivist)
    return Actor(
        "client", "system:log", "审计日志", archivist.pk, held.department_id, held.duties, archivist.username, SOURCE,
        scopes=frozenset({"filing"}),
    )  # fmt: skip


def _file(year: int, filer: Actor, now: datetime) -> FiledLog | None:
    before, last = _last_before(year), _last_before(year + 1)
    if last <= before:
        return None
    envelope = read_envelope(
        {
            "source_system": SOURCE, "source_id": str(year), "title": f"{year}年审计日志（第{before + 1}至第{last}条）",
            "class": settings.LOG_CLASS, "retention": "Y", "security": "restricted", "date": str(year),
            "creator": settings.HOSPITAL_NAME, "keywords": ["审计日志"], "documents": [{"file": f"审计日志{year}.zip"}],
        }
    )  # fmt: skip
    with tempfile.TemporaryDirectory(dir=Path(settings.DATA) / "cache", prefix="log-") as place:
        packed = _pack(Path(place), before + 1, last)

        def staged(public_id: UUID) -> Iterator[StagedFile]:
            with packed.open("rb") as source:
                yield stage(folder_of(public_id), 1, f"审计日志{year}.zip", iter(lambda: source.read(CHUNK), b""))

        outcome = receive(envelope, stage=staged, actor=filer, channel="command", now=now)
    return FiledLog.objects.create(
        year=year, first=before + 1, last=last, record_id=outcome.submission.record_id, filed_at=now
    )


def _last_before(year: int) -> int:
    """The last entry before a year's first one: by number, so that a clock set back moves nothing."""
    begin = datetime(year, 1, 1, tzinfo=get_current_timezone())
    first = Entry.objects.filter(at__gte=begin).aggregate(first=Min("seq"))["first"]
    newest = Entry.objects.aggregate(last=Max("seq"))["last"] or 0
    return int(newest if first is None else first - 1)


def _pack(place: Path, first: int, last: int) -> Path:
    """The part of the log as one file; the same part makes the same bytes, so that filing it again is the same filing."""
    folder = place / "log"
    exporting.export_part(folder, first, last)
    packed = place / "log.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(folder.iterdir()):
            facts = zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0))
            facts.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(facts, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, CHUNK)
    return packed
