"""Files of the data folder that come along: keys, what waits in quarantine, page texts. Bytes of records are the vault's."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yidang.common.digests import digest_file

FOLDERS = ("keys", "quarantine", "derived")


@dataclass(slots=True)
class Taken:
    """What one call did."""

    files: int = 0
    written: int = 0
    removed: int = 0
    bytes: int = 0


def take_along(old: Path, new: Path, *, tell: Callable[[int], None] = lambda files: None) -> Taken:
    """Make the folders of the new data folder hold what those of the old one hold, every file compared by digest."""
    done = Taken()
    for name in FOLDERS:
        wanted: set[Path] = set()
        (new / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        for source in sorted((old / name).rglob("*")):
            target = new / name / source.relative_to(old / name)
            wanted.add(target)
            if source.is_dir():
                target.mkdir(exist_ok=True, mode=0o700)
            elif source.is_file():
                _take(source, target, done)
                tell(done.files)
        for target in sorted((new / name).rglob("*"), reverse=True):
            if target not in wanted and name != "keys":  # the new installation may have keys of its own
                target.rmdir() if target.is_dir() and not target.is_symlink() else target.unlink()
                done.removed += 1
    return done


def _take(source: Path, target: Path, done: Taken) -> None:
    """Copy one file unless the same bytes stand there; a file that goes away meanwhile is no longer wanted."""
    try:
        told = digest_file(source).sha256
        if not target.is_file() or digest_file(target).sha256 != told:
            part = target.with_name(f"{target.name}.moving")
            shutil.copy2(source, part)
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            part.replace(target)
            done.written += 1
            done.bytes += target.stat().st_size
            if digest_file(target).sha256 != told and digest_file(source).sha256 == told:
                raise OSError(5, "not the bytes that were read", str(target))
    except FileNotFoundError:
        if source.exists():
            raise
        return
    done.files += 1
