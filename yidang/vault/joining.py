"""A new site joins an archive that is at work: every object is copied to it and compared, as often as it takes.

Killed anywhere, the same call goes on: what stands at the site and is as it was kept is not copied again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.vault import actions
from yidang.vault import sites as configured
from yidang.vault.assembling import find_sources
from yidang.vault.examining import examine
from yidang.vault.locking import locked
from yidang.vault.mending import whole
from yidang.vault.models import Copy, Site, StoredObject
from yidang.vault.plan import Plan
from yidang.vault.root import Root
from yidang.vault.staging import slots
from yidang.vault.store import at_one, barrier, writers

BATCH = 32
ROWS = 2000


@dataclass(slots=True)
class Joined:
    """What one call did."""

    total: int = 0
    copied: int = 0
    stood: int = 0
    bytes: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Objects that had their turn."""
        return self.copied + self.stood + len(self.failed)


def waiting_for(site: str) -> int:
    """How many objects the site does not hold yet."""
    return StoredObject.objects.exclude(copies__site__key=site, copies__state=Copy.State.OK).count()


def join(site: str, *, actor: Actor, progress: Callable[[Joined], None] = lambda done: None) -> Joined:
    """Copy to the site what it lacks: written, flushed, read again and compared with the digests that the database has.

    :raises UnknownSite: settings name no such site
    :raises FolderInUse, Unavailable: it cannot be set up
    """
    root = configured.root_of(site)
    row = next(one for one in actions.prepare_sites(actor=actor) if one.key == site)
    without = StoredObject.objects.exclude(copies__site=row)
    while batch := list(without.order_by("pk")[:ROWS]):
        Copy.objects.bulk_create(
            (Copy(object=one, site=row, state=Copy.State.LAGGING) for one in batch), ignore_conflicts=True
        )
    wanting = Copy.objects.filter(site=row).exclude(state=Copy.State.OK)
    done, cursor = Joined(total=wanting.count()), 0
    while found := list(wanting.filter(pk__gt=cursor).order_by("pk").select_related("object")[:BATCH]):
        cursor = found[-1].pk
        _bring([copy.object for copy in found], root, row, done)
        progress(done)
    if done.copied:
        facts = {"copies": done.copied, "bytes": done.bytes, "failed": len(done.failed)}
        with transaction.atomic():
            audit.write("vault.site.joined", actor=actor, target_kind="site", target=site, facts=facts)
    return done


def _bring(rows: Sequence[StoredObject], root: Root, site: Site, done: Joined) -> None:
    with locked([row.object_id for row in rows]):
        # Another version may have come since they were read.
        fresh = list(StoredObject.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
        plans: list[Plan] = []
        good: list[StoredObject] = []
        for row in fresh:
            sources = find_sources(row)
            faults = examine(root, row, sources) if root.object_folder(row.object_id).is_dir() else []
            stands = root.object_folder(row.object_id).is_dir() and not faults
            plan = None if stands or sources is None else whole(row, sources, root, faults)
            if stands:
                done.stood += 1
                good.append(row)
            elif plan is None:
                done.failed.append((str(row.object_id), "no site holds what was kept"))
            else:
                plans.append(plan)
                good.append(row)
        try:
            _put(plans, root)
        except YidangError as refusal:
            done.failed += [(str(plan.object_id), str(refusal)) for plan in plans]
            bad = {plan.object_id for plan in plans}
            good = [row for row in good if row.object_id not in bad]
        else:
            done.copied += len(plans)
            done.bytes += sum(plan.bytes_to_write for plan in plans)
        now = clock.now()
        Copy.objects.filter(site=site, object__in=good).update(state=Copy.State.OK, written_at=now, verified_at=now)


def _put(plans: Sequence[Plan], root: Root) -> None:
    if not plans:
        return
    root.check_room(sum(plan.bytes_to_write for plan in plans))
    with writers([root], [root.check()]) as group:
        at_one(group[0], lambda writer: writer.write(plans))
        barrier(group)
        at_one(group[0], lambda writer: writer.read_again(plans))
        at_one(group[0], lambda writer: writer.exchange(plans))
        at_one(group[0], lambda writer: writer.settle())
        barrier(group)
    slots.finish(group[0].slot)


@transaction.atomic
def leave_unnamed(*, actor: Actor) -> list[str]:
    """Forget the copies at sites that settings no longer name: nobody looks after them there any more.

    The bytes are left where they are; the site's history stays.

    :returns: the keys of the sites that were left
    """
    named = [root.key for root in configured.roots()]
    left = list(Site.objects.exclude(key__in=named).filter(copies__isnull=False).distinct())
    for site in left:
        count = site.copies.all()._raw_delete(using=site._state.db)
        facts = {"address": site.address, "copies": count}
        audit.write("vault.site.left", actor=actor, target_kind="site", target=site.key, facts=facts)
    return [site.key for site in left]
