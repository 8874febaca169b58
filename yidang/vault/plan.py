"""What one object will look like on every site, worked out once before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from yidang.vault import ocfl
from yidang.vault.errors import BadObject, BadPath, SourceMissing
from yidang.vault.kept import KeptFile, NewFile, NewObject
from yidang.vault.places import CHUNK, Place

# Files up to this size are read once and written to each site from memory, as long as the whole call stays small.
IN_MEMORY = 4 * 1024 * 1024
ALL_IN_MEMORY = 96 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes for one place in an object's folder, and the digests that they must have on re-read."""

    place: str
    source: bytes | Place
    size: int
    sha512: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One object's folder: every file that must be written, and the inventory that lists the content.

    :param links: further names of files, as (place, place of the file in this object or its absolute path)
    """

    object_id: UUID
    kind: str
    inventory: ocfl.Inventory
    payloads: tuple[Payload, ...]
    files: tuple[KeptFile, ...]
    content_size: int
    links: tuple[tuple[str, str], ...]

    def folders(self) -> list[str]:
        """Folders below the object's own, outermost first."""
        needed: set[str] = set()
        for place in (*(payload.place for payload in self.payloads), *(place for place, _ in self.links)):
            folder = place.rpartition("/")[0]
            while folder and folder not in needed:
                needed.add(folder)
                folder = folder.rpartition("/")[0]
        return sorted(needed)

    @property
    def bytes_to_write(self) -> int:
        """Bytes that one site has to take."""
        return sum(payload.size for payload in self.payloads)


class Memory:
    """How much of one call may still be held in memory."""

    def __init__(self) -> None:
        self.left = ALL_IN_MEMORY

    def take(self, size: int) -> bool:
        """Whether ``size`` bytes may be held; counts them if so."""
        if size > IN_MEMORY or size > self.left:
            return False
        self.left -= size
        return True


def load(file: NewFile, memory: Memory) -> Payload:
    """Read a file's facts, and its bytes when it is small.

    :raises SourceMissing: it cannot be read
    :raises BadPath: its logical path is not one
    """
    try:
        ocfl.check_logical_path(file.logical_path)
    except ValueError as problem:
        raise BadPath(file.logical_path) from problem
    source = file.source
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if isinstance(source, Path) and memory.take(size):
            source = source.read_bytes()
            size = len(source)
        digest = file.sha512 or _digest(source)
    except OSError as problem:
        raise SourceMissing(field=file.logical_path) from problem
    return Payload(file.logical_path, source, size, digest.lower(), file.sha256 and file.sha256.lower())


def _digest(source: bytes | Place) -> str:
    return ocfl.digest_of(source) if isinstance(source, bytes) else digest_of_file(source)[0]


def digest_of_file(place: Place) -> tuple[str, int]:
    """A file's SHA-512 and size.

    :raises OSError: it cannot be read
    """
    digest, size = ocfl.new_digest(), 0
    with place.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def kept_files(inventory: ocfl.Inventory, sizes: dict[str, int]) -> tuple[KeptFile, ...]:
    """The head's files; ``sizes`` by digest."""
    return tuple(
        KeptFile(logical, content_path, digest, sizes[digest])
        for logical, (digest, content_path) in sorted(inventory.state().items())
    )


def metadata_payloads(inventory: ocfl.Inventory) -> list[Payload]:
    """The inventory and its sidecar, which OCFL itself needs; the version's folder names them a second time."""
    side = ocfl.sidecar(inventory.digest)
    return [
        Payload(ocfl.INVENTORY, inventory.raw, len(inventory.raw), inventory.digest),
        Payload(ocfl.SIDECAR, side, len(side), ocfl.digest_of(side)),
    ]


def metadata_links(inventory: ocfl.Inventory) -> tuple[tuple[str, str], ...]:
    """The version folder's inventory and sidecar: second names, because another inode is the dearest part of a file.

    The next version puts new files in the root's place, so this version's stay as they are.
    """
    return tuple((f"v{inventory.head}/{name}", name) for name in (ocfl.INVENTORY, ocfl.SIDECAR))


def declaration_payload() -> Payload:
    """The file that says «this folder is an OCFL object»."""
    content = ocfl.DECLARATION_CONTENT
    return Payload(ocfl.DECLARATION, content, len(content), ocfl.digest_of(content))


def plan_objects(objects: Sequence[NewObject]) -> list[Plan]:
    """Plans for new objects, in the same order.

    :raises BadObject: an object without files, a path twice, an object id twice
    """
    memory = Memory()
    plans, seen = [], set()
    for new in objects:
        loaded = {file.logical_path: load(file, memory) for file in new.files}
        if not loaded or len(loaded) != len(new.files) or new.object_id in seen:
            raise BadObject
        seen.add(new.object_id)
        inventory, places = ocfl.first_inventory(
            new.object_id,
            {path: payload.sha512 for path, payload in loaded.items()},
            message=new.message,
            user_name=new.user_name,
            created_at=new.created_at,
            sha256={path: payload.sha256 for path, payload in loaded.items() if payload.sha256},
        )
        content = [at(loaded[logical], place) for logical, place in places.items()]
        sizes = {payload.sha512: payload.size for payload in loaded.values()}
        plans.append(
            Plan(
                new.object_id,
                new.kind,
                inventory,
                (declaration_payload(), *metadata_payloads(inventory), *content),
                kept_files(inventory, sizes),
                sum(payload.size for payload in content),
                metadata_links(inventory),
            )
        )
    return plans


def at(payload: Payload, place: str) -> Payload:
    """The same bytes at their place in the object's folder."""
    return Payload(place, payload.source, payload.size, payload.sha512, payload.sha256)
