"""What changes the vault's rows: setting sites up, registering what was kept, discarding what was not."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import sites as configured
from yidang.vault.errors import NotPrepared, ObjectExists, StaleVersion
from yidang.vault.kept import KeptObject
from yidang.vault.models import Copy, Site, StoredObject
from yidang.vault.root import Root
from yidang.vault.staging import slots
from yidang.vault.sweeping import Swept, sweep

__all__ = ["Swept", "discard", "prepare_sites", "put_schema", "register", "sweep"]


def prepare_sites(*, actor: Actor | None = None, now: datetime | None = None) -> list[Site]:
    """Set up every configured site that the database does not know yet; may be called at every start.

    A site that is known but gone is *not* made anew here: an empty mount point must not pass for a site. ``repair``
    does that, when somebody asks for it.

    :raises Unavailable: a new site's folder cannot be written
    :raises FolderInUse: a new site's folder holds something else
    """
    actor, now = actor or Actor.system("vault"), now or clock.now()
    known = {site.key: site for site in Site.objects.all()}
    found = []
    for root in configured.roots():
        marker_id = root.initialise() if root.key not in known else known[root.key].marker_id
        found.append(_remember(root, marker_id, known.get(root.key), actor, now))
    return found


@transaction.atomic
def _remember(root: Root, marker_id: str, site: Site | None, actor: Actor, now: datetime) -> Site:
    facts = {"address": root.address, "required": root.required, "marker_id": marker_id}
    if site is not None and all(getattr(site, name) == value for name, value in facts.items()):
        return site
    site, _ = Site.objects.update_or_create(key=root.key, defaults=facts, create_defaults={**facts, "created_at": now})
    audit.write("vault.site.configured", actor=actor, target_kind="site", target=root.key, facts=facts, now=now)
    return site


def put_schema(text: str) -> None:
    """Write the JSON Schema of ``record.json`` into the extensions of every site that answers."""
    for root in configured.roots():
        if root.marker_id:
            root.put_schema(text)


def register(kept: Sequence[KeptObject], *, now: datetime | None = None) -> list[StoredObject]:
    """Make the rows of kept objects inside the caller's transaction; first versions and next ones alike.

    :raises ObjectExists: an object of this id is registered already
    :raises StaleVersion: another writer registered a version first
    :raises NotPrepared: the sites were never set up (``prepare_sites``)
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("register() belongs inside the transaction that makes the record's rows")
    now = now or clock.now()
    sites = _sites()
    first = [one for one in kept if one.head == 1]
    rows = _insert(first, sites, now)
    rows += [_advance(one, sites, now) for one in kept if one.head > 1]
    # Only a commit lifts the staging marks: until then a crash must let the sweep find these bytes.
    transaction.on_commit(lambda: slots.lift(kept))
    order = {row.object_id: row for row in rows}
    return [order[one.object_id] for one in kept]


def _insert(kept: Sequence[KeptObject], sites: dict[str, Site], now: datetime) -> list[StoredObject]:
    try:
        rows = StoredObject.objects.bulk_create(
            StoredObject(
                object_id=one.object_id,
                kind=one.kind,
                head=one.head,
                inventory_sha512=one.inventory_sha512,
                size=one.size,
                created_at=now,
                changed_at=now,
            )
            for one in kept
        )
    except IntegrityError as problem:
        raise ObjectExists from problem
    Copy.objects.bulk_create(
        Copy(
            object=row,
            site=site,
            state=Copy.State.OK if key in one.sites else Copy.State.LAGGING,
            written_at=one.kept_at if key in one.sites else None,
            verified_at=one.kept_at if key in one.sites else None,
        )
        for row, one in zip(rows, kept, strict=True)
        for key, site in sites.items()
    )
    return rows


def _advance(one: KeptObject, sites: dict[str, Site], now: datetime) -> StoredObject:
    row = StoredObject.objects.filter(object_id=one.object_id, head=one.head - 1).first()
    if row is None:
        raise StaleVersion
    row.earlier_sha512 = [*row.earlier_sha512, row.inventory_sha512]
    row.head, row.inventory_sha512, row.size, row.changed_at = one.head, one.inventory_sha512, one.size, now
    # The condition is asked again by the database, so that of two writers one is refused.
    moved = StoredObject.objects.filter(pk=row.pk, head=one.head - 1).update(
        head=row.head,
        inventory_sha512=row.inventory_sha512,
        earlier_sha512=row.earlier_sha512,
        size=row.size,
        changed_at=now,
    )
    if not moved:
        raise StaleVersion
    written = [site for key, site in sites.items() if key in one.sites]
    row.copies.exclude(site__in=written).update(state=Copy.State.LAGGING)
    here = row.copies.filter(site__in=written)
    here.filter(state=Copy.State.LAGGING).update(state=Copy.State.OK, verified_at=one.kept_at)
    # What earlier versions have is linked unread: a copy that was found bad stays so until a repair has looked at it.
    here.update(written_at=one.kept_at)
    return row


def _sites() -> dict[str, Site]:
    keys = [root.key for root in configured.roots()]
    sites = {site.key: site for site in Site.objects.filter(key__in=keys)}
    if len(sites) != len(keys):
        raise NotPrepared
    return {key: sites[key] for key in keys}


def discard(kept: Iterable[KeptObject]) -> int:
    """Remove kept objects that were never registered, e.g. after their transaction failed; returns how many.

    Registered objects are left alone: kept content goes by ``purge`` only.
    """
    kept = [one for one in kept if one.head == 1]
    registered = set(
        StoredObject.objects.filter(object_id__in=[one.object_id for one in kept]).values_list("object_id", flat=True)
    )
    loose = [one for one in kept if one.object_id not in registered]
    for one in loose:
        for key in one.sites:
            configured.root_of(key).remove_object(one.object_id)
    slots.lift(loose)
    return len(loose)
