"""What the machines of one archive share beside kept objects: page texts, drafts, what waits in quarantine, what is to be fetched.

Each machine works with files in its own data folder. What another machine may ask for is given to the shared place under the
same name, and taken from there by whoever lacks it. One machine alone has no shared place, and nothing happens here.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from yidang.vault import sites
from yidang.vault.objectstore import CHUNK, ObjectStore

NAME = "shared"


class Shared(Protocol):
    """A place that every machine reaches; keys are paths below the data folder. Failures are ``OSError``."""

    @property
    def address(self) -> str:
        """As people write it, without keys."""

    def put(self, key: str, source: Path) -> None:
        """Keep a file under its key, whole or not at all."""

    def get(self, key: str, target: Path) -> None:
        """Write a file; :raises FileNotFoundError: there is none under this key."""

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys of the files in a folder, named with its «/», or the key itself."""

    def remove(self, prefix: str) -> None:
        """Remove a folder or a file; one that is not there does not matter."""


class SharedFolder:
    """A folder that every machine mounts."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.address = str(root)

    def _at(self, key: str) -> Path:
        if not self._root.is_dir():  # not mounted: nothing may be written below the empty mount point
            raise OSError(errno.ENODEV, "the shared folder is not there", str(self._root))
        return self._root / key

    def put(self, key: str, source: Path) -> None:
        """Copied beside, flushed, renamed."""
        place = self._at(key)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        _copy(source, place)

    def get(self, key: str, target: Path) -> None:
        """Copied beside and renamed, so that a reader never sees half of it."""
        _copy(self._at(key), target)

    def keys(self, prefix: str) -> Iterator[str]:
        """Without what is being written."""
        place = self._at(prefix)
        found = [place] if place.is_file() else sorted(place.rglob("*")) if place.is_dir() else []
        return (
            path.relative_to(self._root).as_posix()
            for path in found
            if path.is_file() and not path.name.startswith(".")
        )

    def remove(self, prefix: str) -> None:
        """A folder goes with what is in it."""
        place = self._at(prefix)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


class SharedBucket:
    """A bucket, or a part of one below a prefix of its own."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.address = store.access.address

    def put(self, key: str, source: Path) -> None:
        """The store compares the digest before the object is there."""
        with source.open("rb") as file:
            self._store.put_chunks(key, iter(lambda: file.read(CHUNK), b""), source.stat().st_size)

    def get(self, key: str, target: Path) -> None:
        """Fetched beside and renamed."""
        beside = _beside(target)
        try:
            with beside.open("xb") as file:
                for chunk in self._store.chunks(key):
                    file.write(chunk)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys of exactly this file, or below exactly this folder."""
        return (key for key in self._store.keys(prefix) if key == prefix or key.startswith(f"{prefix.rstrip('/')}/"))

    def remove(self, prefix: str) -> None:
        """With every version that the bucket has."""
        self._store.remove(self.keys(prefix))


def shared() -> Shared | None:
    """The shared place; None for an archive on one machine.

    :raises ImproperlyConfigured: its address cannot be read
    """
    return _read(settings.SHARED, Path(settings.DATA))


@lru_cache(maxsize=8)
def _read(address: str, data: Path) -> Shared | None:
    if not address:
        return None
    if address.startswith("s3://"):
        access, days = sites.access_of(NAME, address, data, setting="YIDANG_SHARED")
        if days:
            raise ImproperlyConfigured(
                "YIDANG_SHARED: what is shared is removed again, so lock_days has no place there."
            )
        return SharedBucket(ObjectStore(access))
    if "://" in address:
        raise ImproperlyConfigured(f"YIDANG_SHARED: «{address}» is neither a folder nor s3://bucket/….")
    return SharedFolder(Path(address).expanduser().absolute())


def give(*paths: Path) -> None:
    """Let other machines have these files of the data folder.

    :raises OSError: the shared place does not take them
    """
    place = shared()
    for path in paths if place else ():
        place.put(_key(path), path)  # type: ignore[union-attr]


def take(path: Path) -> bool:
    """Whether a file of the data folder is here, after a look at the shared place if it was not.

    :raises OSError: the shared place does not answer, so that nobody can say
    """
    if path.exists():
        return True
    place = shared()
    if place is None:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.get(_key(path), path)
    except FileNotFoundError:
        return False
    return True


def take_folder(folder: Path) -> None:
    """Bring every file of a folder here that other machines gave.

    :raises OSError: the shared place does not answer
    """
    place = shared()
    for key in place.keys(_key(folder)) if place else ():
        take(Path(settings.DATA) / key)


def withdraw(path: Path) -> None:
    """Remove a file or a folder of the data folder from the shared place.

    :raises OSError: the shared place does not answer
    """
    place = shared()
    if place is not None:
        place.remove(_key(path))


def _key(path: Path) -> str:
    return path.relative_to(settings.DATA).as_posix()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex}")


def _copy(source: Path, target: Path) -> None:
    beside = _beside(target)
    try:
        with source.open("rb") as reading, beside.open("xb") as writing:
            shutil.copyfileobj(reading, writing, CHUNK)
            writing.flush()
            os.fsync(writing.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
