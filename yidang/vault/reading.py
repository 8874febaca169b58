"""Opening kept bytes: from the first good copy, and from another site when that one fails.

Reading never opens a write transaction: a bad copy met here is passed over, and left to the scrub to name.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from yidang.vault import ocfl
from yidang.vault import sites as configured
from yidang.vault.errors import NoGoodCopy, NoSuchObject
from yidang.vault.fetching import local
from yidang.vault.kept import KeptFile
from yidang.vault.models import Copy, StoredObject
from yidang.vault.places import CHUNK, Place
from yidang.vault.plan import digest_of_file
from yidang.vault.root import Root


def files_of(object_id: UUID, *, version: int = 0) -> list[KeptFile]:
    """The files of one version of an object, by logical path; ``version`` 0 is the head.

    :raises NoSuchObject: no such object or version
    :raises NoGoodCopy: no site has its inventory in good state
    """
    row = _row(object_id)
    for root in _good_roots(row):
        inventory = _inventory(root, row)
        if inventory is None:
            continue
        try:
            state = inventory.state(version)
        except KeyError as problem:
            raise NoSuchObject from problem
        folder = root.object_folder(object_id)
        try:
            return [
                KeptFile(logical, content_path, digest, (folder / content_path).stat().st_size)
                for logical, (digest, content_path) in sorted(state.items())
            ]
        except OSError:
            continue
    raise NoGoodCopy(object_id=str(object_id))


def local_path(object_id: UUID, logical_path: str, *, version: int = 0, check: bool = False) -> Path:
    """Where the first good copy of a file can be read. Read only; the path may change with the next version.

    :param check: read the whole file and compare its digest before answering
    :raises NoSuchObject: no such object, version or file
    :raises NoGoodCopy: no site has the file in good state
    """
    row = _row(object_id)
    for place, digest in _places(row, logical_path, version):
        try:
            path = local(place, digest)
            if not check or digest_of_file(path)[0] == digest:
                return path
        except OSError:
            continue
    raise NoGoodCopy(object_id=str(object_id), path=logical_path)


def open_file(object_id: UUID, logical_path: str, *, version: int = 0, check: bool = False) -> BinaryIO:
    """Open a kept file for reading; parameters and refusals as in ``local_path``.

    With ``check`` the very file that was read and compared is handed out, rewound to its start.
    """
    row = _row(object_id)
    for place, digest in _places(row, logical_path, version):
        try:
            stream = local(place, digest).open("rb")
        except OSError:
            continue
        if not check or _digest_of_stream(stream) == digest:
            return stream
        stream.close()
    raise NoGoodCopy(object_id=str(object_id), path=logical_path)


def read_bytes(object_id: UUID, logical_path: str, *, version: int = 0, check: bool = True) -> bytes:
    """A small kept file as bytes, compared with its digest unless told otherwise; refusals as in ``local_path``."""
    with open_file(object_id, logical_path, version=version, check=check) as stream:
        return stream.read()


def _row(object_id: UUID) -> StoredObject:
    row = StoredObject.objects.filter(object_id=object_id).first()
    if row is None:
        raise NoSuchObject
    return row


def _good_roots(row: StoredObject) -> Iterator[Root]:
    """Sites by trust: those whose copy is good in settings' order, then the damaged ones; a file there may still be."""
    states = dict(row.copies.values_list("site__key", "state"))
    order: dict[str, int] = {Copy.State.OK: 0, Copy.State.DAMAGED: 1, Copy.State.LAGGING: 2, Copy.State.MISSING: 3}
    yield from sorted(configured.roots(), key=lambda root: order.get(states.get(root.key, Copy.State.MISSING), 3))


def _places(row: StoredObject, logical_path: str, version: int) -> Iterator[tuple[Place, str]]:
    for root in _good_roots(row):
        inventory = _inventory(root, row)
        if inventory is None:
            continue
        try:
            digest, content_path = inventory.state(version)[logical_path]
        except KeyError as problem:
            raise NoSuchObject from problem
        place = root.object_folder(row.object_id) / content_path
        if place.is_file():
            yield place, digest


def _inventory(root: Root, row: StoredObject) -> ocfl.Inventory | None:
    folder = root.object_folder(row.object_id)
    try:
        return _cached_inventory(folder, row.object_id, row.head, row.inventory_sha512)
    except (OSError, ocfl.BadInventory):
        return None


@lru_cache(maxsize=512)
def _cached_inventory(folder: Place, object_id: UUID, head: int, digest: str) -> ocfl.Inventory:
    """An inventory that has exactly the digest that the database knows: what it says may be believed without asking.

    While a next version is being made, the one that the database knows stands in its version's folder.
    """
    for place in (folder / ocfl.INVENTORY, folder / f"v{head}" / ocfl.INVENTORY):
        raw = place.read_bytes() if place.is_file() else b""
        if ocfl.digest_of(raw) == digest:
            return ocfl.parse(raw, object_id)
    raise ocfl.BadInventory("not the one that was kept")


def _digest_of_stream(stream: BinaryIO) -> str:
    digest = ocfl.new_digest()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()
