"""Repair 修复: make a copy as it was kept, from whatever good bytes the sites still have between them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.vault import sites as configured
from yidang.vault.assembling import find_sources
from yidang.vault.examined import Fault
from yidang.vault.examining import Kind, examine
from yidang.vault.locking import locked
from yidang.vault.mending import put, whole
from yidang.vault.models import Copy, Site, StoredObject
from yidang.vault.root import Root
from yidang.vault.scrubbing import new_findings, record

BATCH = 200


@dataclass(slots=True)
class Repaired:
    """What a repair did: copies that are good again, and objects for which no good bytes were left."""

    looked_at: int = 0
    left: int = 0
    copies: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether every copy that was looked at is good now."""
        return not self.lost and not self.failed


def repair(
    *,
    actor: Actor,
    objects: Iterable[StoredObject] | None = None,
    progress: Callable[[Repaired], None] = lambda state: None,
    now: datetime | None = None,
) -> Repaired:
    """Mend every copy that is known to be lagging, missing or damaged, at every site that answers.

    Each file is compared with the true inventory before and after it is copied; the true inventory is the one whose
    digest the database has. Good bytes are gathered file by file, so two copies that are damaged in different places
    mend each other. A bad copy is exchanged only for a whole one; where a file is good nowhere, nothing is touched.

    :param objects: only these; by default all with a copy that is not good
    """
    done = Repaired()
    if objects is not None:
        for row in objects:
            _repair_and_count(row, actor, done, now)
        return done
    # By site and state, as the index has it: most days there is nothing, and that must be cheap to see.
    states = [Copy.State.LAGGING, Copy.State.MISSING, Copy.State.DAMAGED]
    not_good = Copy.objects.filter(site__in=list(Site.objects.all()), state__in=states)
    bad = StoredObject.objects.filter(pk__in=not_good.values("object"))
    cursor = 0
    while rows := list(bad.filter(pk__gt=cursor).order_by("pk")[:BATCH]):
        done.left = bad.filter(pk__gt=cursor).count()
        for row in rows:
            _repair_and_count(row, actor, done, now)
            cursor = row.pk
            done.left -= 1
            progress(done)
    return done


def refill(site: str, *, actor: Actor, now: datetime | None = None) -> int:
    """Make an empty folder the site that was lost, and call all its copies missing, so that ``repair`` fills it.

    An operator asks for this by name: a disk that is only not mounted must not be filled anew beside itself.

    :returns: how many copies are to be made
    :raises UnknownSite: there is no such site
    :raises FolderInUse: the folder holds something that is not this site
    :raises Unavailable: the folder cannot be written
    """
    root, now = configured.root_of(site), now or clock.now()
    marker_id = root.initialise()
    with transaction.atomic():
        row, _ = Site.objects.update_or_create(
            key=site,
            defaults={"address": root.address, "required": root.required, "marker_id": marker_id},
            create_defaults={
                "address": root.address, "required": root.required, "marker_id": marker_id, "created_at": now,
            },
        )  # fmt: skip
        row.copies.update(state=Copy.State.MISSING)
        without = StoredObject.objects.exclude(copies__site=row)
        Copy.objects.bulk_create(
            (Copy(object=one, site=row, state=Copy.State.MISSING) for one in without.iterator(2000)), batch_size=2000
        )
        count = row.copies.count()
        audit.write(
            "vault.site.refilled", actor=actor, target_kind="site", target=site, facts={"copies": count}, now=now
        )
    return count


def _repair_and_count(row: StoredObject, actor: Actor, done: Repaired, now: datetime | None) -> None:
    done.looked_at += 1
    with locked([row.object_id]):
        fresh = StoredObject.objects.filter(pk=row.pk).first()
        if fresh is not None:
            _repair_object(fresh, actor, done, now)


def _repair_object(row: StoredObject, actor: Actor, done: Repaired, now: datetime | None) -> None:
    moment = now or clock.now()
    object_id, sources = str(row.object_id), find_sources(row)
    roots = [root for root in configured.roots() if root.marker_id]
    faults = {root.key: examine(root, row, sources) for root in roots}
    with transaction.atomic():
        for site in Site.objects.filter(key__in=faults):
            record(site, [(row, faults[site.key])], actor, moment)
    for root in roots:
        if not faults[root.key]:
            continue
        plan = whole(row, sources, root, faults[root.key]) if sources else None
        if plan is None:
            done.lost.append((root.key, object_id))
            _tell_lost(row, root, actor, moment)
            continue
        try:
            put(plan, root, faults[root.key])
        except YidangError as refusal:
            done.failed.append((root.key, object_id, str(refusal)))
            continue
        with transaction.atomic():
            site = Site.objects.get(key=root.key)
            record(site, [(row, [])], actor, moment)
            Copy.objects.filter(site=site, object=row).update(written_at=moment)
            kinds = sorted({str(fault.kind) for fault in faults[root.key]})
            mended = {"site": root.key, "kinds": kinds, "files": len(faults[root.key])}
            audit.write(
                "vault.copy.repaired", actor=actor, target_kind="object", target=object_id, facts=mended, now=moment
            )
        done.copies.append((root.key, object_id))


def _tell_lost(row: StoredObject, root: Root, actor: Actor, moment: datetime) -> None:
    """Say once, loudly, that nothing matches what was kept; every copy stays as it is for somebody to look at."""
    with transaction.atomic():
        site = Site.objects.get(key=root.key)
        if new_findings(site, row.object_id, [Fault("", Kind.LOST, row.inventory_sha512)], moment):
            audit.write(
                "vault.copy.lost", actor=actor, target_kind="object", target=str(row.object_id), outcome="failed",
                facts={"site": root.key}, now=moment,
            )  # fmt: skip
