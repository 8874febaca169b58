"""Local copies of what stands in a bucket, for readers that need a path: by digest, compared while they are made."""

import errno
import os
import shutil
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from yidang.vault.objectstore import fetch
from yidang.vault.places import Place, chunks_of
from yidang.vault.root import FOLDER_MODE

# The hourly sweep removes what was not asked for longest until so much is left.
KEPT_BYTES = 4 * 1024**3


def _room() -> Path:
    return Path(settings.DATA) / "cache" / "objects"


def local(place: Place, digest: str) -> Path:
    """A path where these bytes can be read: the place itself, or a copy of it whose digest was compared.

    :param digest: SHA-512
    :raises OSError: it cannot be fetched, or the store's bytes are not these
    """
    if isinstance(place, Path):
        return place
    kept = _room() / digest[:2] / digest
    if kept.is_file():
        os.utime(kept)
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    beside = kept.with_name(f".{uuid4().hex}")
    try:
        with beside.open("xb") as target:
            found = fetch(chunks_of(place), target)
        if found != digest:
            raise OSError(errno.EIO, "the store's bytes are not what was kept", str(place))
        beside.replace(kept)
    finally:
        beside.unlink(missing_ok=True)
    return kept


def forget() -> None:
    """Remove every local copy, e.g. because something was destroyed; they are made again when asked for."""
    shutil.rmtree(_room(), ignore_errors=True)


def trim(limit: int = KEPT_BYTES) -> int:
    """Remove the copies that nobody asked for longest until ``limit`` bytes are left; how many went."""
    facts = [(path, path.stat()) for path in _room().glob("*/*")]
    total, removed = sum(fact.st_size for _, fact in facts), 0
    for path, fact in sorted(facts, key=lambda one: one[1].st_mtime):
        if total <= limit:
            break
        path.unlink(missing_ok=True)
        total, removed = total - fact.st_size, removed + 1
    return removed
