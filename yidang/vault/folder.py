"""A site that is a folder: an OCFL 1.1 storage root with its marker, its staging room and its free space."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from stat import S_ISREG
from uuid import UUID, uuid4

from yidang.vault import flush, layout, readme
from yidang.vault.errors import FolderInUse, SiteFull, refusal_of
from yidang.vault.root import FOLDER_MODE, MARKER, SET_ASIDE, STAGING, Root, Standing, Walked
from yidang.vault.staging import Slot
from yidang.vault.writing import FolderWriter, read_chunks

# Never fill a disk to its last byte: databases and logs beside us need room to say so.
RESERVE = 256 * 1024 * 1024
_OWN = {"extensions", "0=ocfl_1.1", "ocfl_layout.json", "lost+found", *readme.FILES}


@dataclass(frozen=True)
class Folder(Root):
    """A storage root in a folder.

    :param key: the site's name in settings
    :param required: bytes must be here before anything is acknowledged
    """

    key: str
    path: Path
    required: bool = True
    flush_setting: str = "auto"

    @property
    def address(self) -> str:
        """The folder."""
        return str(self.path)

    @cached_property
    def probe(self) -> flush.Probe:
        """Which flush suits this root; asked once per process."""
        return flush.probe(self.path, self.flush_setting)

    @property
    def flush_mode(self) -> str:
        """As the probe found."""
        return self.probe.mode

    @property
    def marker_id(self) -> str:
        """The id in the marker's file."""
        try:
            marker = json.loads((self.path / MARKER).read_bytes())
            declared = (self.path / "0=ocfl_1.1").is_file()
        except (OSError, ValueError):
            return ""
        return str(marker.get("id", "")) if declared and marker.get("site") == self.key else ""

    def check_room(self, size: int) -> None:
        """Refuse when ``size`` more bytes would eat into the reserve.

        :raises SiteFull: there is not enough room
        """
        try:
            free = self.free_bytes
        except OSError as problem:
            raise refusal_of(self.key, problem) from problem
        if free - size < RESERVE:
            raise SiteFull(self.key)

    @property
    def free_bytes(self) -> int:
        """Bytes of the file system that this process may still write."""
        facts = os.statvfs(self.path)
        return facts.f_bavail * facts.f_frsize

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole file system."""
        facts = os.statvfs(self.path)
        return facts.f_blocks * facts.f_frsize

    @property
    def is_full(self) -> bool:
        """Whether only the reserve is left."""
        return self.free_bytes < RESERVE

    @property
    def is_writable(self) -> bool:
        """Whether the file system takes writes from this process."""
        return not os.statvfs(self.path).f_flag & os.ST_RDONLY and os.access(self.path / "extensions", os.W_OK)

    @property
    def device(self) -> int:
        """The file system's number."""
        return self.path.stat().st_dev

    def initialise(self) -> str:
        """Make the folder a storage root.

        :raises FolderInUse: the folder holds something else
        :raises Unavailable: the folder cannot be written
        """
        if self.marker_id:
            return self.marker_id
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            if any(entry.name not in _OWN for entry in self.path.iterdir()):
                raise FolderInUse(str(self.path))
            for name, text in {**layout.root_files(), **readme.FILES}.items():
                self.put_file(name, text.encode())
            self.staging_room.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            marker_id = str(uuid4())
            # The marker comes last: a root that was set up half-way does not pass for a site.
            self.put_file(MARKER, json.dumps({"site": self.key, "id": marker_id}, ensure_ascii=False).encode() + b"\n")
            flush.flush([self.staging_room, self.path / "extensions", self.path, self.path.parent])
        except OSError as problem:
            raise refusal_of(self.key, problem) from problem
        return marker_id

    def put_file(self, name: str, content: bytes) -> None:
        """Written beside, flushed, renamed into place."""
        place = self.path / name
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            flush.flush([place.parent.parent])
        beside = place.with_name(f".{place.name}.new")
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(place)
        flush.flush([place.parent])

    def small_files(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The visible files of one folder, by name."""
        for place in sorted((self.path / folder).glob("[!.]*")):
            try:
                yield place.name, place.read_bytes()
            except OSError:
                continue

    def object_folder(self, object_id: UUID) -> Path:
        """The object's folder."""
        return self.path / layout.object_path(object_id)

    def walk(self, object_id: UUID) -> Walked | None:
        """Regular files by device and inode; links, sockets and empty folders are odd."""
        folder = self.object_folder(object_id)
        if not folder.is_dir():
            return None
        top = len(str(folder)) + 1
        files, odd = {}, set()
        for where, folders, names in os.walk(folder):
            for name in names:
                path = f"{where}/{name}"
                facts = os.lstat(path)
                if S_ISREG(facts.st_mode):
                    files[path[top:]] = (facts.st_dev, facts.st_ino)
                else:
                    odd.add(path[top:])
            odd |= {f"{where}/{name}"[top:] for name in folders if Path(where, name).is_symlink()}
            if not folders and not names and where != str(folder):
                odd.add(where[top:])
        return Walked(files, frozenset(odd))

    def chunks(self, object_id: UUID, path: str) -> Iterable[bytes]:
        """Read from the disk, past the system's memory of it."""
        return read_chunks(self.object_folder(object_id) / path, dropping_cache=True)

    def standing(self) -> Iterator[Standing]:
        """Folders of objects in their leaves, and whatever else is there."""
        for first in _entries(self.path):
            if first.name in _OWN:
                continue
            if len(first.name) != 2 or not first.is_dir(follow_symlinks=False):
                yield Standing(first.name, None)
                continue
            for leaf in _entries(first.path):
                if len(leaf.name) != 2 or not leaf.is_dir(follow_symlinks=False):
                    yield Standing(f"{first.name}/{leaf.name}", None)
                    continue
                for entry in _entries(leaf.path):
                    path = f"{first.name}/{leaf.name}/{entry.name}"
                    object_id = layout.object_id_of(entry.name)
                    ours = object_id is not None and layout.object_path(object_id) == path
                    if not ours or not entry.is_dir(follow_symlinks=False):
                        yield Standing(path, None)
                    else:
                        yield Standing(path, object_id, datetime.fromtimestamp(entry.stat().st_ctime, tz=UTC))

    @property
    def staging_room(self) -> Path:
        """On the same file system as the objects, so that placing is a rename."""
        return self.path / STAGING

    def staging(self, token: str) -> Path:
        """One slot's folder."""
        return self.staging_room / token

    def writer(self, slot: Slot) -> FolderWriter:
        """A writer whose flush suits this file system."""
        return FolderWriter(self, slot, flush.make_flush(self.path, self.probe.mode))

    def sweep(self, before: datetime, *, remove: bool) -> list[str]:
        """Everything unfinished stands in the slots' folders, which the general sweep looks through."""
        return []

    def clear_staging(self, token: str) -> None:
        """Everything staged stands in the slot's folder."""

    def check_removable(self, object_ids: Sequence[UUID]) -> None:
        """A folder keeps nothing against its owner."""

    def set_aside(self, object_id: UUID) -> Path:
        """Where foreign files that were found in an object's folder wait for somebody to look at them."""
        return self.path / SET_ASIDE / str(object_id)

    def remove_set_aside(self, object_id: UUID) -> None:
        """Remove the evidence of an object."""
        shutil.rmtree(self.set_aside(object_id), ignore_errors=True)

    def remove_object(self, object_id: UUID) -> None:
        """Renamed away first, then removed.

        :raises Unavailable: it cannot be removed now
        """
        place = self.object_folder(object_id)
        away = self.staging(uuid4().hex)
        try:
            away.mkdir(mode=FOLDER_MODE)
            place.rename(away / str(object_id))
            flush.flush([place.parent])
            shutil.rmtree(away)
        except FileNotFoundError:
            away.rmdir()
        except OSError as problem:
            raise refusal_of(self.key, problem) from problem
        self.prune(object_id)

    def prune(self, object_id: UUID) -> None:
        """Remove the leaf and its parent when they became empty."""
        leaf = self.object_folder(object_id).parent
        for empty in (leaf, leaf.parent):
            try:
                empty.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                return


def _entries(folder: Path | str) -> list["os.DirEntry[str]"]:
    return sorted(os.scandir(folder), key=lambda entry: entry.name)
