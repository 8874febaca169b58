"""Removing kept content from every site. Only a warrant opens this door, and only disposal makes one."""

from django.db import transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import fetching, tombstones
from yidang.vault import sites as configured
from yidang.vault.errors import NoSuchObject, NoWarrant
from yidang.vault.kept import Warrant
from yidang.vault.locking import locked
from yidang.vault.models import ScrubFinding, StoredObject


def purge(warrant: Warrant, *, actor: Actor) -> int:
    """Remove every copy of the warrant's objects, then their rows; returns how many objects are gone.

    A site that does not answer stops it before anything is removed: a forgotten copy would outlive its destruction.

    :raises NoWarrant: this is no warrant, or one without certificate, reason or signatures
    :raises NoSuchObject: an object is not in the vault
    :raises Unavailable: a site does not answer
    """
    if not isinstance(warrant, Warrant) or not (warrant.certificate and warrant.reason and warrant.signed_by):
        raise NoWarrant
    for root in configured.roots():
        root.check()
        root.check_removable(warrant.object_ids)
    with locked(warrant.object_ids):
        rows = list(StoredObject.objects.filter(object_id__in=warrant.object_ids))
        if len(rows) != len(set(warrant.object_ids)):
            raise NoSuchObject
        now = clock.now()
        fetching.forget()
        # The memory first, everywhere: a crash in between leaves objects that the next call removes, never a forgotten one.
        for root in configured.roots():
            tombstones.put_on_site(root, warrant, now)
        for root in configured.roots():
            for row in rows:
                root.remove_object(row.object_id)
                root.remove_set_aside(row.object_id)
        with transaction.atomic():
            ScrubFinding.objects.filter(object_id__in=warrant.object_ids).delete()
            StoredObject.objects.filter(pk__in=[row.pk for row in rows]).delete()
            tombstones.remember(warrant, now)
            audit.write_many(
                [
                    audit.Event(
                        "vault.object.purged", actor, "object", str(row.object_id),
                        facts={"certificate": warrant.certificate, "sites": [root.key for root in configured.roots()]},
                    )
                    for row in rows
                ],
                now=now,
            )  # fmt: skip
            audit.bind(tombstones.KIND, [row.object_id for row in rows], actor=actor, now=now)
    return len(rows)
