"""One writer at one site: stage, read again, rename into place, undo. Knows folders and flushes, no rows."""

import errno
import os
from collections.abc import Iterable, Sequence
from hashlib import sha256, sha512
from pathlib import Path
from uuid import UUID

from yidang.vault.errors import DigestMismatch, ObjectExists, SourceMissing
from yidang.vault.flush import Flush
from yidang.vault.plan import CHUNK, Payload, Plan
from yidang.vault.root import FOLDER_MODE, Root

FILE_MODE = 0o440
INTENT = "objects"
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}


class SiteWriter:
    """Writes a group of objects to one root under one staging token."""

    def __init__(self, root: Root, token: str, flush: Flush) -> None:
        self.root = root
        self.flush = flush
        self.token = token
        self.base = root.staging(token)
        self.placed: list[tuple[Path, Path]] = []

    def open(self, intent: Iterable[UUID] = ()) -> None:
        """Make the staging folder; ``intent`` lists the objects that a sweep must look for after a crash."""
        self.base.mkdir(mode=FOLDER_MODE)
        listed = "".join(f"{object_id}\n" for object_id in intent).encode()
        if listed:
            self.write_file(self.base / INTENT, listed)

    def write(self, plans: Sequence[Plan]) -> None:
        """Write every file of every plan below the staging folder."""
        folders: list[Path] = []
        for plan in plans:
            folders += self.write_files(self.base / str(plan.object_id), plan.payloads)
        self.flush.folders([*reversed(folders), self.base, self.base.parent])

    def write_files(self, folder: Path, payloads: Sequence[Payload]) -> list[Path]:
        """Write files below one folder and return the folders that were made, outermost first."""
        top = str(folder)
        needed = {top}
        for payload in payloads:
            place = payload.place
            while "/" in place:
                place = place.rpartition("/")[0]
                needed.add(f"{top}/{place}")
        made = []
        for name in sorted(needed):
            made.append(Path(name))
            made[-1].mkdir(mode=FOLDER_MODE, exist_ok=True)
        for payload in payloads:
            self.write_file(f"{top}/{payload.place}", payload.source)
        return made

    def write_file(self, place: str | Path, source: bytes | Path) -> None:
        """Write one new file and tell the flush while it is open."""
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        try:
            if isinstance(source, bytes):
                _write_all(descriptor, source)
            else:
                _copy(source, descriptor)
            self.flush.written(descriptor)
        finally:
            os.close(descriptor)

    def read_again(self, plans: Sequence[Plan]) -> None:
        """Compare every staged file with the digests that it must have.

        :raises DigestMismatch: the bytes on this site are others than announced
        """
        for plan in plans:
            check_files(self.base / str(plan.object_id), plan.payloads)

    def place(self, plans: Sequence[Plan]) -> None:
        """Rename each object into its place; the one atomic step that decides between two writers.

        :raises ObjectExists: something stands there already
        """
        for plan in plans:
            staged, final = self.base / str(plan.object_id), self.root.object_folder(plan.object_id)
            rename_making_parents(staged, final)
            self.placed.append((staged, final))

    def settle(self) -> None:
        """Tell the flush which folders the renames changed, up to the root for leaves that may be new."""
        changed: dict[Path, None] = {self.base: None}
        for _, final in self.placed:
            changed |= dict.fromkeys([final.parent, final.parent.parent, self.root.path])
        self.flush.folders(changed)

    def undo(self) -> None:
        """Take back what this writer placed and remove its staging folder; what resists is left to a sweep."""
        kept_back = False
        for staged, final in reversed(self.placed):
            try:
                final.rename(staged)
            except OSError:
                kept_back = True
                continue
            self.root.prune(final.parent)
        if not kept_back:
            self.root.remove_staged(self.token)


def rename_making_parents(staged: Path, final: Path) -> None:
    """Rename a staged folder into its leaf, making the leaf when needed.

    :raises ObjectExists: the place is taken
    """
    for attempt in range(8):
        try:
            staged.rename(final)
            return
        except OSError as problem:
            if problem.errno in _TAKEN:
                raise ObjectExists from problem
            # Another writer's undo may remove the still empty leaf between our two calls; so try a few times.
            if problem.errno != errno.ENOENT or attempt == 7:
                raise
            final.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)


def check_files(folder: Path, payloads: Sequence[Payload]) -> None:
    """Read files again and compare both digests.

    :raises DigestMismatch: at least one differs
    """
    top = str(folder)
    for payload in payloads:
        long, short = sha512(), sha256() if payload.sha256 else None
        for chunk in read_chunks(f"{top}/{payload.place}"):
            long.update(chunk)
            if short:
                short.update(chunk)
        if long.hexdigest() != payload.sha512 or (short and short.hexdigest() != payload.sha256):
            raise DigestMismatch(payload.place)


def read_chunks(place: str | Path, dropping_cache: bool = False) -> Iterable[bytes]:
    """A file's bytes.

    :param dropping_cache: ask the system to forget what it has in memory first, so that the disk answers
    """
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if dropping_cache:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := os.read(descriptor, CHUNK):
            yield chunk
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _copy(source: Path, descriptor: int) -> None:
    try:
        reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as problem:
        raise SourceMissing from problem
    try:
        # A real copy, never a shared extent: two sites on one disk must not share blocks.
        offset = 0
        while sent := os.sendfile(descriptor, reading, offset, 8 * CHUNK):
            offset += sent
    finally:
        os.close(reading)
