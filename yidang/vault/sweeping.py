"""Finding what crashes left behind: staging folders, and objects that were placed but never registered."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from yidang.common import clock
from yidang.vault import sites as configured
from yidang.vault.models import StoredObject
from yidang.vault.scrubbing import look
from yidang.vault.staging import INTENT, is_abandoned
from yidang.vault.unfinished import exchanged_from, placed_from, slots_of

PATIENCE = timedelta(hours=1)
# Nobody here knows the slots of another machine on the same bucket; a day is longer than any writing takes.
FAR = timedelta(days=1)


@dataclass(slots=True)
class Swept:
    """What a sweep found, and whether it was removed."""

    staged: list[str] = field(default_factory=list)
    objects: list[UUID] = field(default_factory=list)
    removed: bool = False


def sweep(*, remove: bool = True, older_than: timedelta = PATIENCE, now: datetime | None = None) -> Swept:
    """Find what was staged or placed but never acknowledged, and remove it.

    Only objects named by a staging slot are removed: it proves that nobody was told «received». Other objects
    without a row are reported by the scrub as foreign and never touched, because a restored older database knows
    fewer objects than the disk and they are real.

    :param remove: False only reports
    :param older_than: how long ago the slot was last used, as a second guard beside the lock of a living process
    """
    before, roots = (now or clock.now()) - older_than, configured.roots()
    # While a site does not answer nobody knows what stands there, so what names it must stay.
    remove = remove and all(root.marker_id for root in roots)
    found = Swept(removed=remove)
    old = [(root, folder) for root in roots for folder in slots_of(root) if _changed(folder) <= before]
    # A slot's lock is on its first site only; its folders on the other sites go with it.
    held = {folder.name for _, folder in old if (folder / INTENT).exists() and not is_abandoned(folder)}
    old = [(root, folder) for root, folder in old if folder.name not in held]
    named = {object_id for _, folder in old for object_id in placed_from(folder)}
    known = set(StoredObject.objects.filter(object_id__in=named).values_list("object_id", flat=True))
    for root, folder in old:
        if any(entry.name != INTENT for entry in folder.iterdir()):
            found.staged.append(f"{root.key}/{folder.name}")
    for object_id in sorted(named - known):
        holders = [root for root in roots if root.object_folder(object_id).exists()]
        if holders:
            found.objects.append(object_id)
        for root in holders if remove else ():
            root.remove_object(object_id)
        # A writer that died between making a leaf and using it left it empty, which OCFL forbids.
        for root in roots if remove else ():
            root.prune(object_id)
    # Looking at a copy brings back what the row means, and only while the slot still names the object.
    exchanged = {object_id for _, folder in old for object_id in exchanged_from(folder)} if remove else set()
    for row in StoredObject.objects.filter(object_id__in=exchanged):
        for root in roots:
            look(root, row)
    for root in roots if remove else ():
        for token in {folder.name for _, folder in old}:
            root.clear_staging(token)
        found.staged += [f"{root.key}/{key}" for key in root.sweep(before - FAR, remove=True)]
    # The slots go last: until every object is gone they are what the next sweep knows.
    for _, folder in old if remove else ():
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _changed(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, tz=UTC)
