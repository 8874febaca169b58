"""One site, whatever it is made of: what the vault asks of a place that holds an OCFL 1.1 storage root."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from yidang.vault.errors import SiteMissing

if TYPE_CHECKING:
    from yidang.vault.places import Place
    from yidang.vault.staging import Slot
    from yidang.vault.writing import SiteWriter

MARKER = "extensions/yidang-site/site.json"
STAGING = "extensions/yidang-staging"
SET_ASIDE = "extensions/yidang-set-aside"
TOMBSTONES = "extensions/yidang-tombstones"
FOLDER_MODE = 0o750
SCHEMA = "extensions/yidang-record-schema/record.schema.json"


@dataclass(frozen=True, slots=True)
class Walked:
    """What stands in an object's folder: regular files, each with what tells two names of the same bytes, and the rest."""

    files: Mapping[str, Hashable]
    odd: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that stands in a root's leaves: an object, or (``object_id`` None) something that should not be there."""

    path: str
    object_id: UUID | None
    changed_at: datetime | None = None


class Root(ABC):
    """A storage root.

    Errors of the operating system and of object stores both arrive as ``OSError``; ``refusal_of`` makes sentences of
    them.
    """

    key: str
    required: bool

    @property
    @abstractmethod
    def address(self) -> str:
        """The site's place as people write it in settings."""

    @property
    @abstractmethod
    def marker_id(self) -> str:
        """The id that was given to this root when it was set up; empty when it is not ours or does not answer."""

    def check(self) -> str:
        """The marker's id; refuse when the root is gone, e.g. an empty mount point.

        :raises SiteMissing: the marker is not there or names another site
        """
        if not (marker_id := self.marker_id):
            raise SiteMissing(self.key)
        return marker_id

    @abstractmethod
    def check_room(self, size: int) -> None:
        """Refuse when ``size`` more bytes do not fit.

        :raises SiteFull: there is not enough room
        """

    @property
    @abstractmethod
    def free_bytes(self) -> int | None:
        """Bytes that this process may still write; None where nobody can tell."""

    @property
    @abstractmethod
    def total_bytes(self) -> int | None:
        """Bytes of the whole store; None where nobody can tell."""

    @property
    @abstractmethod
    def is_writable(self) -> bool:
        """Whether the store takes writes from this process."""

    @property
    @abstractmethod
    def is_full(self) -> bool:
        """Whether the room that is left is only the reserve."""

    @property
    @abstractmethod
    def device(self) -> Hashable:
        """Equal for sites that one broken disk, or one lost bucket, takes away together.

        :raises OSError: the site does not answer
        """

    @property
    @abstractmethod
    def flush_mode(self) -> str:
        """How bytes become durable here: ``each``, ``group`` or ``store``."""

    @abstractmethod
    def initialise(self) -> str:
        """Make this place a storage root and return its marker's id; a root that is ours already is left alone.

        :raises FolderInUse: it holds something else
        :raises Unavailable: it cannot be written
        """

    @abstractmethod
    def put_file(self, name: str, content: bytes) -> None:
        """Write a small file of the root durably, by its path from the root, in one step for readers.

        :raises OSError: it is not written
        """

    @abstractmethod
    def small_files(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Name and content of the files in one of the root's own folders; what cannot be read is passed over."""

    def put_schema(self, text: str) -> None:
        """Write the JSON Schema of ``record.json`` beside the objects; nothing is written when it is there already."""
        folder, _, name = SCHEMA.rpartition("/")
        if dict(self.small_files(folder)).get(name) != text.encode():
            self.put_file(SCHEMA, text.encode())

    @abstractmethod
    def object_folder(self, object_id: UUID) -> "Place":
        """Where an object stands or would stand."""

    @abstractmethod
    def walk(self, object_id: UUID) -> Walked | None:
        """What stands in an object's folder; None when there is no such folder.

        :raises OSError: the site does not answer
        """

    @abstractmethod
    def chunks(self, object_id: UUID, path: str) -> Iterable[bytes]:
        """A file's bytes as the store holds them now, not as a memory in between has them.

        :raises OSError: they cannot be read
        """

    @abstractmethod
    def standing(self) -> Iterator[Standing]:
        """Everything that stands in this root beside its own files, in the order of folders."""

    @abstractmethod
    def staging(self, token: str) -> Path:
        """The local folder of one writer's unfinished work."""

    @property
    @abstractmethod
    def staging_room(self) -> Path:
        """The local folder that holds them all."""

    @abstractmethod
    def writer(self, slot: "Slot") -> "SiteWriter":
        """A writer of a group of objects by way of a slot; its flush is open until ``close``.

        :raises OSError: the site does not take anything
        """

    @abstractmethod
    def sweep(self, before: datetime, *, remove: bool) -> list[str]:
        """What unfinished writing left here that no local folder names, last touched before a moment; removed if asked."""

    @abstractmethod
    def clear_staging(self, token: str) -> None:
        """Remove what a writer staged here and its local folder does not show."""

    @abstractmethod
    def check_removable(self, object_ids: Sequence[UUID]) -> None:
        """Refuse before anything is removed when this site may not let go of an object yet.

        :raises HeldByLock: the store itself keeps it until a date
        """

    @abstractmethod
    def remove_object(self, object_id: UUID) -> None:
        """Remove an object in one step for readers.

        :raises Unavailable: it cannot be removed now
        """

    @abstractmethod
    def remove_set_aside(self, object_id: UUID) -> None:
        """Remove the foreign and damaged files of an object that waited for somebody to look at them."""

    @abstractmethod
    def prune(self, object_id: UUID) -> None:
        """Remove the leaf of an object and its parent when they are empty: OCFL forbids empty folders."""
