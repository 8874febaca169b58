"""Making bytes durable: one interface, two ways.

``EachFlush`` is the reference: every file and every folder is flushed by name. ``GroupFlush`` flushes a whole file
system once for a group of files (``syncfs``); a probe turns it on for local ext4 and xfs only. A flush that fails is
never tried again into success: the kernel reports a lost write once, and a second call would lie.
"""

import ctypes
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

GROUP_FILE_SYSTEMS = {"ext4", "xfs"}
# Before 5.8 syncfs did not report lost writes.
GROUP_KERNEL = (5, 8)


class Flush(Protocol):
    """Flushes what is written below one storage root while it is open."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def written(self, descriptor: int) -> None:
        """A file was written through this descriptor, which is still open."""

    def folders(self, paths: Iterable[Path]) -> None:
        """Entries of these folders changed."""

    def barrier(self) -> None:
        """Return only when everything told so far is durable.

        :raises OSError: it is not, and must be written anew
        """


def flush(paths: Iterable[Path]) -> None:
    """Flush each file and folder by name: the reference that power-cut tests use.

    :raises OSError: at least one is not durable
    """
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class EachFlush:
    """Every file on the descriptor that wrote it, then every folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open."""

    def written(self, descriptor: int) -> None:
        """Flush the file now."""
        os.fsync(descriptor)

    def folders(self, paths: Iterable[Path]) -> None:
        """Flush the folders now."""
        flush(paths)

    def barrier(self) -> None:
        """Everything was flushed when it was told."""


class GroupFlush:
    """One ``syncfs`` per barrier. The descriptor is opened before anything is written, so no lost write is missed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._descriptor = -1
        self.device = -1

    def __enter__(self) -> Self:
        self._descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.device = os.fstat(self._descriptor).st_dev
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def written(self, descriptor: int) -> None:
        """The barrier will take it along."""

    def folders(self, paths: Iterable[Path]) -> None:
        """The barrier will take them along."""

    def barrier(self) -> None:
        """Flush the whole file system."""
        if _libc().syncfs(self._descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(self.root))


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found about a root's file system, and which flush follows from it."""

    mode: str
    file_system: str
    reason: str


def file_system_of(path: Path) -> str:
    """The type of the file system that holds a path, e.g. ``ext4``; empty when it cannot be told."""
    device = path.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return ""
    for line in lines:
        left, _, right = line.partition(" - ")
        if left.split()[2] == wanted:
            return right.split()[0]
    return ""


def probe(root: Path, setting: str) -> Probe:
    """Decide between the two ways for one root.

    :param setting: ``each``, ``group`` or ``auto`` (YIDANG_FLUSH)
    :raises ValueError: another word
    """
    kind = file_system_of(root)
    if setting in {"each", "group"}:
        return Probe(setting, kind, "setting")
    if setting != "auto":
        raise ValueError(setting)
    if platform.system() != "Linux" or not hasattr(_libc(), "syncfs"):
        return Probe("each", kind, "no syncfs")
    release = tuple(int("".join(filter(str.isdigit, part)) or 0) for part in platform.release().split(".")[:2])
    if release < GROUP_KERNEL:
        return Probe("each", kind, "kernel older than 5.8")
    if kind not in GROUP_FILE_SYSTEMS:
        return Probe("each", kind, "not a local ext4 or xfs")
    return Probe("group", kind, "local ext4 or xfs")


def make_flush(root: Path, mode: str) -> Flush:
    """The flush of a mode that ``probe`` decided on."""
    return GroupFlush(root) if mode == "group" else EachFlush(root)
