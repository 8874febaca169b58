"""A site that is a bucket of an S3-compatible object store: the same OCFL 1.1 storage root, as keys.

An object is there when its declaration is, and whole when its root inventory is: the declaration is put first and
only if nobody put one before, which decides between two writers; the inventory is put last. A bucket made with
Object Lock and a number of days in the site's address keeps each object against everybody for so long (WORM).
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID, uuid4

from yidang.common import clock
from yidang.vault import layout, ocfl, readme
from yidang.vault.bucket_writing import BucketWriter
from yidang.vault.errors import FolderInUse, HeldByLock, LockMissing, SiteMissing, refusal_of
from yidang.vault.objectstore import Access, ObjectStore
from yidang.vault.places import BucketPlace
from yidang.vault.root import FOLDER_MODE, MARKER, SET_ASIDE, STAGING, Root, Standing, Walked
from yidang.vault.staging import Slot

# A marker that answered is believed for so long: every reading and writing asks for it.
BELIEVED_SECONDS = 5
_OWN = ("extensions/", "0=ocfl_1.1", "ocfl_layout.json", *readme.FILES)


@dataclass(frozen=True)
class Bucket(Root):
    """A storage root in a bucket.

    :param room: local folder for this site's slots: what is being written is named there, no content lies in it
    :param lock_days: days for which the store keeps what is written against everybody; 0 for no lock
    """

    key: str
    access: Access
    room: Path
    required: bool = True
    lock_days: int = 0
    _seen: dict[str, tuple[float, str]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def store(self) -> ObjectStore:
        """The calls to the bucket."""
        return ObjectStore(self.access)

    @property
    def address(self) -> str:
        """``s3://bucket/prefix``."""
        return self.access.address

    @property
    def marker_id(self) -> str:
        """The id in the marker's key."""
        moment, known = self._seen.get("marker", (0.0, ""))
        if known and time.monotonic() - moment < BELIEVED_SECONDS:
            return known
        try:
            marker = json.loads(self.store.get(MARKER))
            found = str(marker.get("id", "")) if marker.get("site") == self.key else ""
        except (OSError, ValueError):
            found = ""
        self._seen["marker"] = (time.monotonic(), found)
        return found

    def check_room(self, size: int) -> None:
        """A bucket's room is the store's matter; a quota that is used up is told when it refuses."""

    @property
    def free_bytes(self) -> None:
        """Nobody can tell."""
        return None

    @property
    def total_bytes(self) -> None:
        """Nobody can tell."""
        return None

    @property
    def is_full(self) -> bool:
        """A used up quota shows when the store refuses."""
        return False

    @property
    def is_writable(self) -> bool:
        """Whether a small key can be put now."""
        try:
            self.store.put(f"{STAGING}/.asked", b"")
        except OSError:
            return False
        return True

    @property
    def device(self) -> str:
        """The server and its bucket."""
        return f"{self.access.endpoint}/{self.access.bucket}"

    @property
    def flush_mode(self) -> str:
        """What the store has answered is durable."""
        return "store"

    def initialise(self) -> str:
        """Make the bucket a storage root; the bucket itself is made by whoever owns the store.

        :raises FolderInUse: keys of something else stand below this prefix
        :raises LockMissing: the site is to be locked and the bucket was made without Object Lock
        :raises Unavailable: the store refuses
        """
        if self.marker_id:
            return self.marker_id
        if self.lock_days and not self.store.can_lock:
            raise LockMissing(self.address)
        try:
            if any(not key.startswith(_OWN) for key in self.store.keys("")):
                raise FolderInUse(self.address)
            for name, text in {**layout.root_files(), **readme.FILES}.items():
                self.put_file(name, text.encode())
            marker_id = str(uuid4())
            self.put_file(MARKER, json.dumps({"site": self.key, "id": marker_id}).encode() + b"\n")
        except OSError as problem:
            raise refusal_of(self.key, problem) from problem
        self._seen.clear()
        return marker_id

    def put_file(self, name: str, content: bytes) -> None:
        """One put, which readers see whole or not at all."""
        self.store.put(name, content)

    def small_files(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The keys directly below one prefix."""
        for key in self.store.keys(f"{folder}/"):
            name = key.rpartition("/")[2]
            if key == f"{folder}/{name}" and not name.startswith("."):
                try:
                    yield name, self.store.get(key)
                except OSError:
                    continue

    def object_folder(self, object_id: UUID) -> BucketPlace:
        """The beginning of the object's keys."""
        return BucketPlace(self.address, layout.object_path(object_id), self.store)

    def walk(self, object_id: UUID) -> Walked | None:
        """The object's keys; a bucket knows no links, so each key is bytes of its own."""
        top = f"{layout.object_path(object_id)}/"
        try:
            keys = {key.removeprefix(top): key for key in self.store.keys(top)}
        except OSError as problem:
            raise self._seen_from(problem) from problem
        return Walked(dict(keys)) if keys else None

    def chunks(self, object_id: UUID, path: str) -> Iterator[bytes]:
        """Read from the store."""
        try:
            yield from self.store.chunks(f"{layout.object_path(object_id)}/{path}")
        except OSError as problem:
            raise self._seen_from(problem) from problem

    def _seen_from(self, problem: OSError) -> Exception:
        """A store that does not answer at all is a missing site; a file that is lost or damaged there is not."""
        self._seen.clear()
        return problem if self.marker_id else SiteMissing(self.key)

    def standing(self) -> Iterator[Standing]:
        """Objects by the first key of each, and keys outside of objects."""
        last = ""
        for one in self.store.listing(""):
            if one.key.startswith(_OWN):
                continue
            parts = one.key.split("/")
            path = "/".join(parts[:3])
            if path == last:
                continue
            last = path
            object_id = layout.object_id_of(parts[2]) if len(parts) > 3 else None
            if object_id is None or layout.object_path(object_id) != path:
                yield Standing(path, None)
            else:
                yield Standing(path, object_id, one.changed_at)

    @property
    def staging_room(self) -> Path:
        """Local: a slot holds the names of what is being written and a lock that only this machine understands."""
        return self.room

    def staging(self, token: str) -> Path:
        """One slot's folder."""
        self.room.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        return self.room / token

    def writer(self, slot: Slot) -> BucketWriter:
        """A writer to this bucket."""
        return BucketWriter(self, slot)

    def sweep(self, before: datetime, *, remove: bool) -> list[str]:
        """Staged keys and uploads in parts of machines and processes that did not come back."""
        old = [one.key for one in self.store.listing(f"{STAGING}/") if one.changed_at <= before]
        if remove:
            self.store.remove(old)
        return [*old, *self.store.drop_uploads(before, remove=remove)]

    def clear_staging(self, token: str) -> None:
        """Remove the slot's keys."""
        self.store.remove(list(self.store.keys(f"{STAGING}/{token}/")))

    def lock(self, keys: Iterable[str]) -> None:
        """Have the store keep these keys for the days that the site's address names."""
        until = clock.now() + timedelta(days=self.lock_days)
        for key in keys if self.lock_days else ():
            self.store.lock(key, until)

    def check_removable(self, object_ids: Sequence[UUID]) -> None:
        """Ask the store about each object's declaration, which is locked like the rest."""
        if not self.store.can_lock:
            return
        for object_id in object_ids:
            until = self.store.locked_until(f"{layout.object_path(object_id)}/{ocfl.DECLARATION}")
            if until is not None and until > clock.now():
                raise HeldByLock(self.key, until)

    def set_aside(self, object_id: UUID) -> str:
        """Where foreign and damaged files of an object wait for somebody to look at them."""
        return f"{SET_ASIDE}/{object_id}"

    def remove_set_aside(self, object_id: UUID) -> None:
        """Remove the evidence of an object."""
        self.store.remove(list(self.store.keys(f"{self.set_aside(object_id)}/")))

    def remove_object(self, object_id: UUID) -> None:
        """The root inventory first: what is left of a removal that was stopped is no object any more.

        :raises Unavailable: it cannot be removed now
        """
        top = f"{layout.object_path(object_id)}/"
        try:
            first = [f"{top}{name}" for name in (ocfl.INVENTORY, ocfl.SIDECAR)]
            self.store.remove([*first, *(key for key in self.store.keys(top) if key not in first)])
        except OSError as problem:
            raise refusal_of(self.key, problem) from problem

    def prune(self, object_id: UUID) -> None:
        """A bucket has no empty folders."""
