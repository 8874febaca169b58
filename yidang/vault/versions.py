"""The next version of kept objects: changed description, added or withdrawn files. Earlier versions stay as they are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yidang.common import clock
from yidang.vault import ocfl
from yidang.vault.actions import register
from yidang.vault.assembling import Sources, sources_of
from yidang.vault.choosing import choose
from yidang.vault.errors import BadObject, BadPath, NoSuchObject
from yidang.vault.kept import KeptObject, NewFile, NewVersion
from yidang.vault.locking import locked
from yidang.vault.models import StoredObject
from yidang.vault.plan import (
    Memory,
    Payload,
    Plan,
    at,
    declaration_payload,
    kept_files,
    load,
    metadata_links,
    metadata_payloads,
)
from yidang.vault.root import Root
from yidang.vault.staging import slots
from yidang.vault.store import at_each, at_one, barrier, kept_of, waits_for_disks, writers


def add_version(
    object_id: UUID,
    changed: Sequence[NewFile],
    *,
    message: str,
    user_name: str,
    removed: Sequence[str] = (),
    created_at: datetime | None = None,
    before: int | None = None,
) -> KeptObject:
    """Add one version to one object; see ``add_versions``."""
    moment = created_at or clock.now()
    return add_versions([NewVersion(object_id, changed, message, user_name, moment, removed, before)])[0]


def add_versions(new: Sequence[NewVersion]) -> list[KeptObject]:
    """Add a version to each of a group of objects, on the sites that its strictest member needs, and register them; all or none.

    Call it outside a transaction: it moves bytes first and makes its rows in a transaction of its own. At each site
    the whole object changes in one step: a reader, or a crash, finds the old version or the new one. A version that
    would change nothing is not made; the object is answered as it is.

    :raises NoSuchObject: an object is not in the vault
    :raises NoGoodCopy: a site needs a file of an earlier version that no site has in good state
    :raises BadPath: a removed path is not there
    :raises BadObject: a path or an object is named twice
    :raises Unavailable: a site that is needed does not take it; nothing changed
    """
    ids = [version.object_id for version in new]
    if len(set(ids)) != len(ids):
        raise BadObject
    if not ids:
        return []
    roots, marker_ids = choose({version.before for version in new}, 0)
    with locked(ids):
        rows = {row.object_id: row for row in StoredObject.objects.filter(object_id__in=ids)}
        if len(rows) != len(ids):
            raise NoSuchObject
        memory = Memory()
        bases = {version.object_id: sources_of(rows[version.object_id]) for version in new}
        planned = {
            version.object_id: _plan(version, rows[version.object_id], bases[version.object_id], memory)
            for version in new
        }
        plans = [plan for plan in planned.values() if plan is not None]
        done = _write(plans, bases, roots, marker_ids) if plans else {}
        return [done.get(object_id) or _as_it_is(rows[object_id], bases[object_id]) for object_id in ids]


def _write(
    plans: Sequence[Plan], bases: dict[UUID, Sources], roots: Sequence[Root], marker_ids: Sequence[str]
) -> dict[UUID, KeptObject]:
    for root in roots:
        root.check_room(sum(plan.bytes_to_write for plan in plans))
    with writers(roots, marker_ids) as group:
        at_one(group[0], lambda writer: writer.slot.announce_versions(plan.object_id for plan in plans))
        here = {
            writer.root.key: [bases[plan.object_id].complete(plan, writer.root) for plan in plans] for writer in group
        }
        waits = waits_for_disks(group, plans)
        at_each(group, lambda writer: writer.write(here[writer.root.key]), waits=waits)
        barrier(group)
        at_each(group, lambda writer: writer.read_again(here[writer.root.key]), waits=waits)
        for writer in group:
            at_one(writer, lambda writer: writer.exchange(here[writer.root.key]))
        at_each(group, lambda writer: writer.settle(), waits=waits)
        barrier(group)
        slot = group[0].slot
        kept = [kept_of(plan, roots, "") for plan in plans]
        # The old folders wait in the slot until the rows are there: if those fail, the undo puts them back.
        with transaction.atomic():
            register(kept)
    slots.finish(slot)
    return {one.object_id: one for one in kept}


def _plan(new: NewVersion, row: StoredObject, base: Sources, memory: Memory) -> Plan | None:
    loaded = {file.logical_path: load(file, memory) for file in new.changed}
    if len(loaded) != len(new.changed):
        raise BadObject
    before = base.inventory.state()
    if not new.removed and all(before.get(path, ("",))[0] == payload.sha512 for path, payload in loaded.items()):
        return None
    try:
        inventory, places = ocfl.next_inventory(
            base.inventory,
            {path: payload.sha512 for path, payload in loaded.items()},
            new.removed,
            message=new.message,
            user_name=new.user_name,
            created_at=new.created_at,
            sha256={path: payload.sha256 for path, payload in loaded.items() if payload.sha256},
        )
    except KeyError as problem:
        raise BadPath(str(problem.args[0])) from problem
    content = [at(loaded[logical], place) for logical, place in places.items()]
    sizes = {**base.sizes(), **{payload.sha512: payload.size for payload in loaded.values()}}
    payloads: tuple[Payload, ...] = (declaration_payload(), *metadata_payloads(inventory), *content)
    return Plan(
        new.object_id,
        row.kind,
        inventory,
        payloads,
        kept_files(inventory, sizes),
        row.size + sum(payload.size for payload in content),
        metadata_links(inventory),
    )


def _as_it_is(row: StoredObject, base: Sources) -> KeptObject:
    ok = tuple(row.copies.filter(state="ok").values_list("site__key", flat=True))
    files = kept_files(base.inventory, base.sizes())
    return KeptObject(row.object_id, row.kind, row.head, row.inventory_sha512, row.size, files, ok, row.changed_at)
