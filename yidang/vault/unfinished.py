"""What a crash left unfinished: slots that nobody owns, and next versions that were put into place and never acknowledged.

A process that dies between the exchange of an object and the commit of its row leaves a version that nobody was told
of. It is no damage: the slot of the dead process names the object, and the version before, which the row means, stands
whole inside it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

from django.db import transaction

from yidang import audit
from yidang.common.actor import Actor
from yidang.vault import ocfl
from yidang.vault import sites as configured
from yidang.vault.assembling import find_sources
from yidang.vault.examined import Fault
from yidang.vault.examining import Kind
from yidang.vault.mending import put, whole
from yidang.vault.models import StoredObject
from yidang.vault.root import Root
from yidang.vault.staging import INTENT, VERSION, is_abandoned


def slots_of(root: Root) -> list[Path]:
    """The folders of slots on a root, whoever owns them."""
    try:
        return sorted(entry for entry in root.staging_room.iterdir() if entry.is_dir())
    except OSError:
        return []


def placed_from(folder: Path) -> set[UUID]:
    """New objects that a slot was about to place."""
    return _ids(line for line in _lines(folder) if not line.startswith(VERSION))


def exchanged_from(folder: Path) -> set[UUID]:
    """Standing objects that a slot was about to exchange for their next version."""
    return _ids(line.removeprefix(VERSION) for line in _lines(folder) if line.startswith(VERSION))


def _lines(folder: Path) -> list[str]:
    try:
        return (folder / INTENT).read_text().split()
    except OSError:
        return []


def _ids(words: Iterable[str]) -> set[UUID]:
    try:
        return {UUID(word) for word in words}
    except ValueError:  # a list that was not written to its end: nothing was placed yet
        return set()


def is_unfinished(object_id: UUID) -> bool:
    """Whether a process died while it exchanged this object."""
    return any(
        object_id in exchanged_from(folder) and is_abandoned(folder)
        for root in configured.roots()
        for folder in slots_of(root)
    )


def put_back(root: Root, row: StoredObject, faults: Sequence[Fault]) -> bool:
    """Bring the version that the row means back at one site, where a later one stands that a crash left; under the object's lock.

    Anything else that is wrong with the copy is left to be found.

    :returns: whether the copy was exchanged
    :raises YidangError: the site does not take it
    """
    later = f"v{row.head + 1}/"
    of_it = [
        fault.path in {ocfl.INVENTORY, ocfl.SIDECAR} or (fault.kind == Kind.EXTRA and fault.path.startswith(later))
        for fault in faults
    ]
    if not all(of_it) or not is_unfinished(row.object_id):
        return False
    sources = find_sources(row)
    plan = whole(row, sources, root, faults) if sources else None
    if plan is None:
        return False
    put(plan, root, [])
    with transaction.atomic():
        audit.write(
            "vault.version.taken_back", actor=Actor.system("vault"), target_kind="object", target=str(row.object_id),
            facts={"site": root.key, "version": row.head + 1},
        )  # fmt: skip
    return True
