"""What goes into the vault and what comes back: plain values, no rows and no file work."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

RECORD = "record"
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class NewFile:
    """One file to keep.

    :param logical_path: where it stands in the object, e.g. ``documents/0001.pdf``; relative, ``/``-separated
    :param source: the bytes themselves, or a file to copy them from
    :param sha512: the digest that the bytes must have; computed when left out
    :param sha256: written into the inventory's fixity block when given, and checked
    """

    logical_path: str
    source: Path | bytes
    sha512: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class NewObject:
    """An object that the vault does not hold yet; its files become version 1.

    :param kind: ``record`` or ``system``
    :param message: why this version exists, for the inventory; names no person who is described
    :param user_name: who made the version, for the inventory
    :param before: verified copies that there must be before it is acknowledged; None: one on every required site
    """

    object_id: UUID
    files: Sequence[NewFile]
    message: str
    user_name: str
    created_at: datetime
    kind: str = RECORD
    before: int | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The next version of an object: changed or added files, and logical paths that it no longer has.

    :param before: as of :class:`NewObject`
    """

    object_id: UUID
    changed: Sequence[NewFile]
    message: str
    user_name: str
    created_at: datetime
    removed: Sequence[str] = ()
    before: int | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a kept object's head version; ``content_path`` counts from the object's folder."""

    logical_path: str
    content_path: str
    sha512: str
    size: int


@dataclass(frozen=True, slots=True)
class KeptObject:
    """Bytes that are kept on as many sites as were asked for, not yet registered in the database.

    :param size: bytes of all content of all versions, without inventories
    :param sites: keys of the sites that hold it
    :param token: the staging mark that tells a sweep «not registered yet»; ``register`` lifts it after commit
    """

    object_id: UUID
    kind: str
    head: int
    inventory_sha512: str
    size: int
    files: tuple[KeptFile, ...]
    sites: tuple[str, ...]
    kept_at: datetime
    token: str = ""


@dataclass(frozen=True, slots=True)
class Warrant:
    """A signed destruction: the only thing that opens the way to remove kept content. Only disposal makes one.

    :param certificate: number of the destruction certificate
    :param reason: one sentence for the log
    """

    object_ids: tuple[UUID, ...]
    certificate: str
    reason: str
    issued_at: datetime
    signed_by: tuple[str, ...] = field(default=())
