"""Taking in 补入: what sites hold beyond the rows of an older database that came back becomes rows again.

Objects that no row knows, and objects whose newer versions continue what the row knows. Destroyed ones stay destroyed.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import recovering, tombstones
from yidang.vault import sites as configured
from yidang.vault.models import Copy, Site, StoredObject, Tombstone
from yidang.vault.ocfl import BadInventory
from yidang.vault.recovering import BATCH, FoundObject, Rebuilt
from yidang.vault.root import Root


def take_in(
    *, actor: Actor, progress: Callable[[Rebuilt], None] = lambda done: None, now: datetime | None = None
) -> Rebuilt:
    """Bring the rows up to what the sites hold, one site after the other; nothing is removed anywhere.

    What a site holds otherwise than the rows tell of, without continuing it, is named and left to the scrub. Copies on
    other sites are lagging until a repair has compared them.
    """
    now = now or clock.now()
    answering = [root for root in configured.roots() if root.marker_id]
    done, stones = Rebuilt(), tombstones.on_sites(answering)
    with transaction.atomic():
        known = set(Tombstone.objects.filter(object_id__in=stones).values_list("object_id", flat=True))
        Tombstone.objects.bulk_create(stones.values(), ignore_conflicts=True)
        audit.bind(tombstones.KIND, stones.keys() - known, actor=actor, now=now)
        done.tombstones = len(stones)
        gone = set(Tombstone.objects.values_list("object_id", flat=True))
        for root in answering:
            _from_site(root, gone, actor, now, done, progress)
    progress(done)
    return done


def _from_site(
    root: Root, gone: set[UUID], actor: Actor, now: datetime, done: Rebuilt, progress: Callable[[Rebuilt], None]
) -> None:
    taken: list[tuple[UUID, str]] = []
    before = done.objects
    for ids in _in_parts(root):
        known = {row.object_id: row for row in StoredObject.objects.filter(object_id__in=ids)}
        new, ahead = [], []
        for object_id in ids:
            row = known.get(object_id)
            if object_id in gone:
                if row is None:
                    done.refused.append(str(object_id))
                continue
            try:
                found = recovering.read_object(root, object_id)
            except (OSError, BadInventory) as problem:
                if row is None:  # a known object that is damaged here is the scrub's matter
                    done.unreadable.append((str(object_id), str(problem)))
                continue
            if row is None:
                new.append(found)
            elif found.inventory.head > row.head:
                if _continues(found, row):
                    ahead.append((row, found))
                else:
                    done.unreadable.append((str(object_id), "not a continuation of what the catalogue knows"))
        recovering.make_rows(new, root, now, done)
        for row, found in ahead:
            _advance(row, found, root, now, done)
        taken += [(one.object_id, one.kind) for one in (*new, *(found for _row, found in ahead))]
    recovering.build(root, taken, done, progress)
    if done.objects > before:
        audit.write(
            "vault.site.taken_in", actor=actor, target_kind="site", target=root.key, now=now,
            facts={"objects": done.objects - before, "records": done.made.get("records", 0)},
        )  # fmt: skip


def _in_parts(root: Root) -> Iterator[list[UUID]]:
    ids = (one.object_id for one in root.standing() if one.object_id is not None)
    while part := list(islice(ids, BATCH)):
        yield part


def _continues(found: FoundObject, row: StoredObject) -> bool:
    """Whether the versions up to the row's are the very ones that it knows."""
    return list(found.earlier[: row.head]) == [*row.earlier_sha512, row.inventory_sha512]


def _advance(row: StoredObject, found: FoundObject, root: Root, now: datetime, done: Rebuilt) -> None:
    row.head, row.inventory_sha512, row.size = found.inventory.head, found.inventory.digest, found.size
    row.earlier_sha512, row.changed_at = list(found.earlier), now
    row.save(update_fields=["head", "inventory_sha512", "size", "earlier_sha512", "changed_at"])
    row.copies.update(state=Copy.State.LAGGING)
    Copy.objects.update_or_create(
        object=row, site=Site.objects.get(key=root.key), defaults={"state": Copy.State.OK, "written_at": now}
    )
    done.objects += 1
