"""The index on disk: one folder is current, another may be built beside it, and a small file says which.

::

    index/search/current.json          {"folder": "1-000003"}
    index/search/1-000003/place.json   how far the change feed has been followed
    index/search/1-000003/segments/    tantivy's files
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from yidang.search.backend import IndexHeld, Place
from yidang.search.schema import VERSION

SEGMENTS = "segments"


def home() -> Path:
    """Where the index lives."""
    return Path(settings.DATA) / "index" / "search"


def current() -> Path | None:
    """The folder that is searched; None before the first record was indexed."""
    try:
        name = json.loads((home() / "current.json").read_text(encoding="ascii"))["folder"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    folder = home() / str(name)
    return folder if folder.is_dir() else None


def fresh() -> Path:
    """A new folder, not yet current."""
    home().mkdir(parents=True, exist_ok=True)
    folder = home() / f"{VERSION}-{max(map(_number, _folders()), default=0) + 1:06d}"
    (folder / SEGMENTS).mkdir(parents=True)
    return folder


def of_this_version(folder: Path) -> bool:
    """Whether this program can read the folder."""
    return folder.name.startswith(f"{VERSION}-")


def make_current(folder: Path) -> None:
    """Switch: the next search of every process reads this folder. It outlives a power cut before those before it are removed."""
    flush(folder / SEGMENTS, folder, home())
    replace(home() / "current.json", {"folder": folder.name})
    flush(home())


def read_place(folder: Path) -> Place:
    """How far a folder is; from the beginning when its note is lost, because following again changes nothing."""
    try:
        return Place(**json.loads((folder / "place.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return Place()


def write_place(folder: Path, place: Place) -> None:
    """Note how far a folder is; after its commit, so that the note is never ahead of the index, not on disk either."""
    flush(folder / SEGMENTS)
    replace(folder / "place.json", asdict(place))


def stamp(folder: Path) -> int:
    """Changes with every commit; cheap."""
    try:
        return (folder / "place.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def remove_older(than: Path) -> None:
    """Remove folders that were current before; a reader that still has one open keeps its files."""
    remove(path for path in _folders() if _number(path) < _number(than))


def remove_unfinished() -> None:
    """Remove what an interrupted build left; only while holding the lock of builds."""
    now = current()
    if now is not None:
        remove(path for path in _folders() if _number(path) > _number(now))


def _folders() -> list[Path]:
    return [path for path in home().iterdir() if path.is_dir() and path.name.count("-") == 1]


def _number(folder: Path) -> int:
    return int(folder.name.split("-")[1])


def remove(paths: Iterable[Path]) -> None:
    """Remove folders with all that is in them."""
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def size_on_disk(folder: Path) -> int:
    """Bytes of a folder; the writer may remove files while they are counted."""
    total = 0
    for where, _folders_in_it, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(where, name).stat().st_size
    return total


@contextmanager
def held(name: str) -> Iterator[None]:
    """Hold a lock of the index among all processes; the system releases it when the holder dies.

    :raises IndexHeld: another holds it
    """
    home().mkdir(parents=True, exist_ok=True)
    with (home() / f"{name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexHeld from None
        yield


def replace(path: Path, value: object) -> None:
    """Put a small file in the place of the one before, at once."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def flush(*places: Path) -> None:
    """Make the names in these folders outlive a power cut."""
    for place in places:
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
