"""One site that is a folder: an OCFL 1.1 storage root with its marker, its staging room and its free space."""

import json
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID, uuid4

from yidang.vault import flush, layout, readme
from yidang.vault.errors import FolderInUse, SiteFull, SiteMissing, refusal_of

MARKER = "extensions/yidang-site/site.json"
STAGING = "extensions/yidang-staging"
SET_ASIDE = "extensions/yidang-set-aside"
SCHEMA = "extensions/yidang-record-schema/record.schema.json"
# Never fill a disk to its last byte: databases and logs beside us need room to say so.
RESERVE = 256 * 1024 * 1024
FOLDER_MODE = 0o750


@dataclass(frozen=True)
class Root:
    """A storage root in a folder.

    :param key: the site's name in settings
    :param required: bytes must be here before anything is acknowledged
    """

    key: str
    path: Path
    required: bool = True
    flush_setting: str = "auto"

    @cached_property
    def probe(self) -> flush.Probe:
        """Which flush suits this root; asked once per process."""
        return flush.probe(self.path, self.flush_setting)

    @property
    def marker_id(self) -> str:
        """The id that was given to this root when it was set up; empty when it is not ours or does not answer."""
        try:
            marker = json.loads((self.path / MARKER).read_bytes())
            declared = (self.path / "0=ocfl_1.1").is_file()
        except (OSError, ValueError):
            return ""
        return str(marker.get("id", "")) if declared and marker.get("site") == self.key else ""

    def check(self) -> str:
        """The marker's id; refuse when the root is gone, e.g. an empty mount point.

        :raises SiteMissing: the marker is not there or names another site
        """
        if not (marker_id := self.marker_id):
            raise SiteMissing(self.key)
        return marker_id

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
        """Bytes that this process may still write."""
        facts = os.statvfs(self.path)
        return facts.f_bavail * facts.f_frsize

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole file system."""
        facts = os.statvfs(self.path)
        return facts.f_blocks * facts.f_frsize

    @property
    def is_writable(self) -> bool:
        """Whether the file system takes writes from this process."""
        return not os.statvfs(self.path).f_flag & os.ST_RDONLY and os.access(self.path / "extensions", os.W_OK)

    def object_folder(self, object_id: UUID) -> Path:
        """Where an object stands or would stand."""
        return self.path / layout.object_path(object_id)

    def staging(self, token: str) -> Path:
        """The folder of one writer's unfinished work, on the same file system as the objects."""
        return self.path / STAGING / token

    def set_aside(self, object_id: UUID) -> Path:
        """Where foreign files that were found in an object's folder wait for somebody to look at them."""
        return self.path / SET_ASIDE / str(object_id)

    def initialise(self) -> str:
        """Make the folder a storage root and return its marker's id; a root that is ours already is left alone.

        :raises FolderInUse: the folder holds something else
        :raises Unavailable: the folder cannot be written
        """
        if self.marker_id:
            return self.marker_id
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            ours = {"extensions", *layout.root_files(), *readme.FILES}
            if any(entry.name not in ours and entry.name != "lost+found" for entry in self.path.iterdir()):
                raise FolderInUse(str(self.path))
            for name, text in {**layout.root_files(), **readme.FILES}.items():
                self._write(name, text)
            (self.path / STAGING).mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            marker_id = str(uuid4())
            # The marker comes last: a root that was set up half-way does not pass for a site.
            self._write(MARKER, json.dumps({"site": self.key, "id": marker_id}, ensure_ascii=False) + "\n")
            flush.flush([self.path / STAGING, self.path / "extensions", self.path, self.path.parent])
        except OSError as problem:
            raise refusal_of(self.key, problem) from problem
        return marker_id

    def put_schema(self, text: str) -> None:
        """Write the JSON Schema of ``record.json`` beside the objects; nothing is written when it is there already."""
        place = self.path / SCHEMA
        if not place.is_file() or place.read_text(encoding="utf-8") != text:
            self._write(SCHEMA, text)

    def remove_object(self, object_id: UUID) -> None:
        """Remove an object's folder in one step for readers: it is renamed away first.

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
        self.prune(place.parent)

    def prune(self, folder: Path) -> None:
        """Remove a leaf and its parent when they became empty: OCFL forbids empty folders."""
        for empty in (folder, folder.parent):
            try:
                empty.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                return

    def _write(self, name: str, text: str) -> None:
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        beside = place.with_name(f".{place.name}.new")
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(place)
        flush.flush([place.parent])
