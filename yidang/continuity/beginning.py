"""Beginning a place for backups so that a beginning that is cut leaves nothing that stands in the way of the next one.

restic writes a key and then the file ``config`` that only this key opens. Killed between the two it leaves a key that opens
nothing, and a later beginning beside it a place that no backup can use.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from yidang.continuity.engine import Place
from yidang.continuity.errors import BackupDamaged, NoBackupThere, PlaceRefuses
from yidang.continuity.locking import store_of

ASIDE = ".yidang-begin-"
CONFIG = "config"
FOLDERS = ("data", "index", "keys", "locks", "snapshots")
_HOLDS = ("data/", "index/", "snapshots/")


def begin(place: Place) -> bool:
    """Make the place ready; answers whether it was new.

    :raises WrongPassphrase: another passphrase made it
    :raises BackupDamaged: backups are there and what opens them is gone; nothing is begun over them
    :raises PlaceRefuses: the server does not tell what is there
    """
    try:
        place.snapshots()
        return False
    except NoBackupThere:
        if place.folder is None:
            _begin_at_server(place)
        else:
            _begin_in_folder(place, place.folder)
        return True


def _begin_in_folder(place: Place, folder: Path) -> None:
    """Aside first, then everything is moved, the file that makes it a place last."""
    if not folder.parent.is_dir():  # a disk that is only not mounted
        raise NoBackupThere(address=place.address)
    folder.mkdir(mode=0o700, exist_ok=True)
    _require_empty(
        str(path.relative_to(folder)) for name in _HOLDS for path in (folder / name).rglob("*") if path.is_file()
    )
    for left in (*folder.glob(f"{ASIDE}*"), *(folder / name for name in FOLDERS)):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f"{CONFIG}-tmp-*"):
        left.unlink(missing_ok=True)
    aside = folder / f"{ASIDE}{uuid4().hex}"
    replace(place, address=str(aside)).init()
    for entry in sorted(aside.iterdir(), key=lambda entry: entry.name == CONFIG):
        entry.rename(folder / entry.name)
    aside.rmdir()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _begin_at_server(place: Place) -> None:
    store = store_of(place.address)
    if store is not None:
        try:
            _require_empty(name for folder in _HOLDS for name in store.keys(folder))
            for name in list(store.keys("keys/")):
                store.hide(name)  # where the bucket locks what it holds the bytes stay, and restic looks past them
        except OSError as problem:
            raise PlaceRefuses(reasons=str(problem)) from problem
    place.init()


def _require_empty(kept: Iterable[str]) -> None:
    """Refuse at the first file that a backup wrote."""
    if any(True for _name in kept):
        raise BackupDamaged(reasons=f"the file «{CONFIG}» of the place is gone")
