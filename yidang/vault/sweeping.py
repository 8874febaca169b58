"""Finding what crashes left behind: staging folders, and objects that were placed but never registered."""

import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from yidang.common import clock
from yidang.vault import sites as configured
from yidang.vault.models import StoredObject
from yidang.vault.root import STAGING, Root
from yidang.vault.writing import INTENT

PATIENCE = timedelta(hours=1)


@dataclass(slots=True)
class Swept:
    """What a sweep found, and whether it was removed."""

    staged: list[str] = field(default_factory=list)
    objects: list[UUID] = field(default_factory=list)
    removed: bool = False


def sweep(*, remove: bool = True, older_than: timedelta = PATIENCE, now: datetime | None = None) -> Swept:
    """Find what was staged or placed but never acknowledged, and remove it.

    Only objects named by a staging token are removed: the token proves that nobody was told «received». Other objects
    without a row are reported by the scrub as foreign and never touched, because a restored older database knows
    fewer objects than the disk and they are real.

    :param remove: False only reports
    :param older_than: younger tokens may belong to a writer at work
    """
    before = (now or clock.now()) - older_than
    found = Swept(removed=remove)
    old = [(root, folder) for root in configured.roots() for folder in _tokens(root) if _changed(folder) <= before]
    named = {object_id for _, folder in old for object_id in _intent(folder)}
    known = set(StoredObject.objects.filter(object_id__in=named).values_list("object_id", flat=True))
    for root, folder in old:
        found.staged.append(f"{root.key}/{folder.name}")
    for object_id in sorted(named - known):
        holders = [root for root in configured.roots() if root.object_folder(object_id).exists()]
        if holders:
            found.objects.append(object_id)
        for root in holders if remove else ():
            root.remove_object(object_id)
    # The tokens go last: until every object is gone they are what the next sweep knows.
    for _, folder in old if remove else ():
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _tokens(root: Root) -> list[Path]:
    try:
        return sorted(entry for entry in (root.path / STAGING).iterdir() if entry.is_dir())
    except OSError:
        return []


def _changed(folder: Path) -> datetime:
    return datetime.fromtimestamp(os.stat(folder).st_mtime, tz=clock.now().tzinfo)


def _intent(folder: Path) -> set[UUID]:
    try:
        return {UUID(line) for line in (folder / INTENT).read_text().split()}
    except (FileNotFoundError, ValueError):
        return set()
