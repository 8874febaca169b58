"""One moment for rows and bytes: the vault is copied after the database, so an object may already have a later version.

In a drill such a version is taken away again; the one that the row knows is whole inside the object, as OCFL keeps it.
A restore takes later versions and objects in instead. What survived on a site is not replaced by what a backup holds.
"""

import json
import secrets
import shutil
from pathlib import Path
from uuid import UUID

from yidang.vault import layout, ocfl, recovering
from yidang.vault.folder import Folder
from yidang.vault.models import StoredObject
from yidang.vault.plan import digest_of_file
from yidang.vault.root import SET_ASIDE

CHUNK = 1000


def roll_back_newer(root: Folder) -> tuple[int, int]:
    """Bring every object to the version that its row knows; answers how many went back, and how many have no row."""
    back = 0
    known: set[UUID] = set()
    for row in StoredObject.objects.order_by("pk").iterator(chunk_size=CHUNK):
        known.add(row.object_id)
        folder = root.object_folder(row.object_id)
        if folder.is_dir() and _head_of(folder) > row.head:
            _go_back(folder, row.head)
            back += 1
    return back, sum(object_id not in known for object_id in _objects(root.path))


def lay_beside(came: Path, root: Folder) -> None:
    """Put the objects of a backup into a site that survived, where it lacks them or has them damaged."""
    for folder in sorted(came.glob("??/??/*")):
        object_id = layout.object_id_of(folder.name)
        if object_id is None:
            continue
        there = root.object_folder(object_id)
        if there.exists():
            if _is_whole(root, object_id):
                continue
            evidence = root.path / SET_ASIDE / f"{object_id}-{secrets.token_hex(4)}"
            evidence.parent.mkdir(parents=True, exist_ok=True)
            _writable(there)
            shutil.move(there, evidence)
        there.parent.mkdir(parents=True, exist_ok=True)
        _writable(folder)
        shutil.move(folder, there)


def _is_whole(root: Folder, object_id: UUID) -> bool:
    try:
        found = recovering.read_object(root, object_id)
        return all(
            digest_of_file(found.folder / path)[0] == told for path, told in found.inventory.content_files().items()
        )
    except (OSError, ocfl.BadInventory):
        return False


def _head_of(folder: Path) -> int:
    try:
        return int(json.loads((folder / "inventory.json").read_bytes())["head"].removeprefix("v"))
    except (OSError, ValueError, KeyError, AttributeError):
        return 0


def _go_back(folder: Path, head: int) -> None:
    inventory = (folder / f"v{head}" / "inventory.json").read_bytes()
    for path in folder.iterdir():
        if path.name.startswith("v") and path.name[1:].isdigit() and int(path.name[1:]) > head:
            _writable(path)
            shutil.rmtree(path)
    for name, content in (
        ("inventory.json", inventory), ("inventory.json.sha512", ocfl.sidecar(ocfl.digest_of(inventory))),
    ):  # fmt: skip
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(content)


def _writable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o750)


def _objects(root: Path) -> list[UUID]:
    found = (layout.object_id_of(path.name) for path in root.glob("??/??/*"))
    return [object_id for object_id in found if object_id is not None]
