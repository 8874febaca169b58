"""Tombstones 销毁墓碑: the memory of what was destroyed, in the database and on every site, stronger than any old copy."""

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yidang import audit
from yidang.audit.rows import register_fields
from yidang.common.actor import Actor
from yidang.vault import layout
from yidang.vault import sites as configured
from yidang.vault.errors import refusal_of
from yidang.vault.kept import Warrant
from yidang.vault.models import ScrubFinding, Tombstone
from yidang.vault.root import TOMBSTONES, Root

KIND = "tombstone"


def put_on_site(root: Root, warrant: Warrant, now: datetime) -> None:
    """Write a warrant's tombstones durably on one site, before anything is removed there.

    :raises Unavailable: the site does not take them
    """
    try:
        for object_id in warrant.object_ids:
            told = json.dumps(_told(object_id, warrant, now), ensure_ascii=False, indent=1)
            root.put_file(f"{TOMBSTONES}/{object_id}.json", told.encode())
    except OSError as problem:
        raise refusal_of(root.key, problem) from problem


def _told(object_id: UUID, warrant: Warrant, now: datetime) -> dict[str, object]:
    return {
        "object": str(object_id), "certificate": warrant.certificate, "reason": warrant.reason,
        "signed_by": list(warrant.signed_by), "destroyed_at": now.isoformat(),
    }  # fmt: skip


def remember(warrant: Warrant, now: datetime) -> None:
    """Make the rows of a warrant's tombstones, inside the caller's transaction."""
    Tombstone.objects.bulk_create(
        (
            Tombstone(
                object_id=object_id, certificate=warrant.certificate[:200], reason=warrant.reason[:500],
                signed_by=list(warrant.signed_by), destroyed_at=now,
            )
            for object_id in warrant.object_ids
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def on_sites(roots: Iterable[Root]) -> dict[UUID, Tombstone]:
    """The tombstones that these sites hold, not saved; a file that cannot be read still stands for its name."""
    found: dict[UUID, Tombstone] = {}
    for root in roots:
        for name, content in root.small_files(TOMBSTONES):
            try:
                told = json.loads(content)
                stone = Tombstone(
                    object_id=UUID(name.removesuffix(".json")), certificate=told["certificate"][:200], reason=told["reason"][:500],
                    signed_by=list(told["signed_by"]), destroyed_at=datetime.fromisoformat(told["destroyed_at"]),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError):
                continue
            found.setdefault(stone.object_id, stone)
    return found


def enforce(*, actor: Actor, now: datetime) -> int:
    """Remove destroyed objects that came back with an old disk, as the scrub found them; how many they were."""
    removed = 0
    for finding in ScrubFinding.objects.filter(
        object_id=None, healed_at=None, kind=ScrubFinding.Kind.FOREIGN
    ).select_related("site"):
        object_id = layout.object_id_of(finding.path.rpartition("/")[2])
        if object_id is None or not Tombstone.objects.filter(object_id=object_id).exists():
            continue
        root = configured.root_of(finding.site.key)
        root.check()
        root.remove_object(object_id)
        with transaction.atomic():
            ScrubFinding.objects.filter(pk=finding.pk).update(healed_at=now)
            audit.write(
                "vault.object.purged_again", actor=actor, target_kind="object", target=str(object_id),
                facts={"site": root.key}, now=now,
            )  # fmt: skip
        removed += 1
    return removed


def lend() -> None:
    """Have tombstones compared with the log."""
    register_fields(KIND, Tombstone, "object_id", ("certificate", "reason", "signed_by", "destroyed_at"))
