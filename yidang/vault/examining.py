"""Comparing one copy of one object with what the database and the true inventory say. Reads, changes nothing."""

from collections.abc import Callable, Hashable
from hashlib import sha512

from yidang.vault import ocfl
from yidang.vault.assembling import Sources
from yidang.vault.examined import Fault
from yidang.vault.models import ScrubFinding, StoredObject
from yidang.vault.places import Place
from yidang.vault.root import Root

Kind = ScrubFinding.Kind
UNREADABLE = "unreadable"


def examine(
    root: Root, row: StoredObject, sources: Sources | None, read: Callable[[int], None] = lambda size: None
) -> list[Fault]:
    """Read every file of a copy from the disk and name everything that is not as it was kept.

    :param sources: the object's true inventory; without it only the inventory itself can be judged
    :param read: told how many bytes were read, for rates and counts
    """
    folder = root.object_folder(row.object_id)
    try:
        walked = root.walk(row.object_id)
    except OSError as problem:
        return [Fault("", Kind.MISSING, row.inventory_sha512, f"{UNREADABLE}: {problem.strerror}")]
    if walked is None:
        return [Fault("", Kind.MISSING, row.inventory_sha512)]
    present, odd = walked.files, walked.odd
    expected = {ocfl.DECLARATION: ocfl.digest_of(ocfl.DECLARATION_CONTENT)}
    expected[ocfl.INVENTORY] = row.inventory_sha512
    expected[ocfl.SIDECAR] = ocfl.digest_of(ocfl.sidecar(row.inventory_sha512))
    if sources is not None:
        expected |= sources.earlier_files()
    faults = []
    digests: dict[Hashable, str] = {}
    for path, digest in expected.items():
        if path not in present:
            faults.append(Fault(path, Kind.MISSING, digest))
            continue
        found = _digest(root, row, path, present[path], digests, read)
        if found != digest:
            kind = _kind_of_inventory(folder, row) if path == ocfl.INVENTORY else Kind.BITFLIP
            faults.append(Fault(path, kind, digest, found))
    ahead = _ahead(faults, folder, row)
    if sources is not None:
        faults += [
            Fault(path, Kind.EXTRA, "", "")
            for path in sorted({*present, *odd} - expected.keys())
            if not path.startswith(ahead)
        ]
    return faults


def _digest(
    root: Root, row: StoredObject, path: str, key: Hashable, known: dict[Hashable, str], read: Callable[[int], None]
) -> str:
    if key not in known:
        digest = sha512()
        try:
            for chunk in root.chunks(row.object_id, path):
                digest.update(chunk)
                read(len(chunk))
            known[key] = digest.hexdigest()
        except OSError as problem:
            # A disk that cannot read a sector has lost those bytes as surely as one that returns others.
            known[key] = f"{UNREADABLE}: {problem.strerror}"
    return known[key]


def _self_consistent(folder: Place, row: StoredObject) -> ocfl.Inventory | None:
    """The standing inventory, if it is whole in itself and speaks of this object."""
    try:
        found = ocfl.parse((folder / ocfl.INVENTORY).read_bytes(), row.object_id)
        return found if (folder / ocfl.SIDECAR).read_bytes() == ocfl.sidecar(found.digest) else None
    except (OSError, ocfl.BadInventory):
        return None


def _kind_of_inventory(folder: Place, row: StoredObject) -> str:
    """An older or newer version put there, a forged list that is whole in itself, or plain damage."""
    found = _self_consistent(folder, row)
    if found is None:
        return Kind.BITFLIP
    return Kind.VERSION if found.head != row.head else Kind.FOREIGN


def _ahead(faults: list[Fault], folder: Place, row: StoredObject) -> tuple[str, ...]:
    """Folders of versions that were written but never acknowledged: they go with the finding about the version."""
    if not any(fault.kind == Kind.VERSION for fault in faults):
        return ()
    found = _self_consistent(folder, row)
    last = found.head if found else row.head
    return tuple(f"v{number}/" for number in range(row.head + 1, last + 1))
