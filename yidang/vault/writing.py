"""One writer at one site: stage, read again, put into place, undo. Here what every writer does, and the one for folders."""

import ctypes
import errno
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from hashlib import sha256, sha512
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from yidang.vault.errors import DigestMismatch, ObjectExists, SourceMissing
from yidang.vault.examined import Fault
from yidang.vault.flush import Flush
from yidang.vault.places import CHUNK, Place, chunks_of
from yidang.vault.plan import Payload, Plan
from yidang.vault.root import FOLDER_MODE, Root
from yidang.vault.staging import Slot

if TYPE_CHECKING:
    from yidang.vault.folder import Folder

FILE_MODE = 0o440
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
_NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
_HERE, _RENAME_EXCHANGE = -100, 2
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV}


class SiteWriter(ABC):
    """Writes a group of objects to one root, by way of one slot. Steps raise ``OSError`` when the site resists."""

    def __init__(self, root: Root, slot: Slot, flush: Flush) -> None:
        self.root = root
        self.flush = flush
        self.slot = slot
        self.base = root.staging(slot.token)

    @abstractmethod
    def write(self, plans: Sequence[Plan]) -> None:
        """Write every file of every plan where no reader looks."""

    @abstractmethod
    def read_again(self, plans: Sequence[Plan]) -> None:
        """Compare every staged file with the digests that it must have.

        :raises DigestMismatch: the bytes on this site are others than announced
        """

    @abstractmethod
    def place(self, plans: Sequence[Plan]) -> None:
        """Put each new object into its place; one step in it decides between two writers.

        :raises ObjectExists: something stands there already
        """

    @abstractmethod
    def exchange(self, plans: Sequence[Plan]) -> None:
        """Put each staged object in the place of the standing one, which is held until the slot is cleared."""

    @abstractmethod
    def settle(self) -> None:
        """Tell the flush what placing changed."""

    @abstractmethod
    def undo(self) -> bool:
        """Take back what this writer placed; False when something resists and is left to a sweep."""

    @abstractmethod
    def keep_evidence(self, plan: Plan, faults: Sequence[Fault]) -> None:
        """Keep what was exchanged because it was bad outside the object: changed bytes and files that do not belong."""


class FolderWriter(SiteWriter):
    """Writes to a folder: one rename puts an object into its place."""

    root: "Folder"

    def __init__(self, root: "Folder", slot: Slot, flush: Flush) -> None:
        super().__init__(root, slot, flush)
        self.placed: list[tuple[Path, Path, UUID, bool]] = []
        self._descriptor = slot.descriptors[slot.roots.index(root)]

    def write(self, plans: Sequence[Plan]) -> None:
        """Write every file of every plan below the staging folder, one folder per object."""
        folders: list[str] = []
        for plan in plans:
            folders += self._write_object(plan)
        if self.root is self.slot.roots[0]:
            self.flush.written(self.slot.intent)
        self.flush.folders([*(self.base / folder for folder in folders), self.base, self.base.parent])

    def _write_object(self, plan: Plan) -> list[str]:
        """Write one object and return its folders, innermost first.

        Files and folders are made flat in the staging folder and then renamed to where they belong: ext4 makes an
        inode in a folder that it just used faster than in one it has never seen (20 against 150 µs, measured).
        """
        top = str(plan.object_id)
        folders = [top, *(f"{top}/{folder}" for folder in plan.folders())]
        for folder in folders:
            flat = self.slot.next_name()
            os.mkdir(flat, FOLDER_MODE, dir_fd=self._descriptor)
            self._rename(flat, folder)
        for payload in plan.payloads:
            self._rename(self._new_file(payload.source), f"{top}/{payload.place}")
        for place, target in plan.links:
            self._link(target if target.startswith("/") else f"{self.base}/{top}/{target}", f"{top}/{place}")
        return folders[::-1]

    def _rename(self, flat: str, place: str) -> None:
        os.rename(flat, place, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def _new_file(self, source: bytes | Place) -> str:
        """Write one new file, tell the flush while it is open, and return its name in the staging folder."""
        name = self.slot.next_name()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(name, flags, FILE_MODE, dir_fd=self._descriptor)
        try:
            if isinstance(source, bytes):
                _write_all(descriptor, source)
            elif isinstance(source, Path):
                _copy(source, descriptor)
            else:
                for chunk in chunks_of(source):
                    _write_all(descriptor, chunk)
            self.flush.written(descriptor)
        finally:
            os.close(descriptor)
        return name

    def _link(self, target: str, place: str) -> None:
        """A second name for bytes that this site has; a second copy where the file system knows no such names."""
        try:
            os.link(target, place, dst_dir_fd=self._descriptor)
        except OSError as problem:
            if problem.errno not in _NO_LINKS:
                raise
            self._rename(self._new_file(Path(target)), place)

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
            self._rename_into_place(plan.object_id)

    def exchange(self, plans: Sequence[Plan]) -> None:
        """Put each staged object in the place of the standing one, which then stands in the slot."""
        for plan in plans:
            staged, final = self.base / str(plan.object_id), self.root.object_folder(plan.object_id)
            if final.exists():
                swap(staged, final)
                self.placed.append((staged, final, plan.object_id, True))
            else:
                self._rename_into_place(plan.object_id)

    def _rename_into_place(self, object_id: UUID) -> None:
        staged, final = self.base / str(object_id), self.root.object_folder(object_id)
        try:
            rename_making_parents(staged, final)
        except BaseException:
            self.root.prune(object_id)
            raise
        self.placed.append((staged, final, object_id, False))

    def settle(self) -> None:
        """Tell the flush which folders the renames changed, up to the root for leaves that may be new."""
        changed: dict[Path, None] = {self.base: None}
        for _, final, _, _ in self.placed:
            changed |= dict.fromkeys([final.parent, final.parent.parent, self.root.path])
        self.flush.folders(changed)

    def undo(self) -> bool:
        """Take back what this writer placed; False when something resists and is left to a sweep."""
        all_back = True
        for staged, final, object_id, swapped in reversed(self.placed):
            try:
                if swapped:
                    swap(staged, final)
                else:
                    final.rename(staged)
            except OSError:
                all_back = False
                continue
            self.root.prune(object_id)
        return all_back

    def keep_evidence(self, plan: Plan, faults: Sequence[Fault]) -> None:
        """Move them from the folder that was exchanged, which now stands in the slot."""
        before = self.base / str(plan.object_id)
        for fault in faults:
            stranger = before / fault.path
            if stranger.is_file() or stranger.is_symlink():
                aside = self.root.set_aside(plan.object_id) / uuid4().hex / fault.path
                aside.parent.mkdir(parents=True, exist_ok=True)
                stranger.rename(aside)


def swap(first: Path, second: Path) -> None:
    """Exchange two folders in one step; where the file system cannot, in three, and readers ask the other site.

    :raises OSError: it could not be done; both are where they were
    """
    if ctypes.CDLL(None, use_errno=True).renameat2(_HERE, bytes(first), _HERE, bytes(second), _RENAME_EXCHANGE) == 0:
        return
    number = ctypes.get_errno()
    if number not in _NO_EXCHANGE:
        raise OSError(number, os.strerror(number), str(second))
    aside = first.with_name(f"{first.name}.before")
    second.rename(aside)
    try:
        first.rename(second)
    except OSError:
        aside.rename(second)
        raise
    aside.rename(first)


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
        place = f"{top}/{payload.place}"
        if payload.size < CHUNK:
            content = _read_small(place, payload.size)
            long, short = sha512(content), sha256(content) if payload.sha256 else None
        else:
            long, short = sha512(), sha256() if payload.sha256 else None
            for chunk in read_chunks(place):
                long.update(chunk)
                if short:
                    short.update(chunk)
        if long.hexdigest() != payload.sha512 or (short and short.hexdigest() != payload.sha256):
            raise DigestMismatch(payload.place)


def _read_small(place: str, size: int) -> bytes:
    """A file of about this size in one call; one byte more is asked for, so that a longer file shows."""
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return os.read(descriptor, size + 1)
    finally:
        os.close(descriptor)


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
