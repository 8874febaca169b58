"""Rebuild 重建: from one site alone, the rows of an empty database; what the objects mean is for their owners to say.

The packages above register builders. Each is given the objects that were found and makes the rows of its own tables.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.vault import actions, ocfl, tombstones
from yidang.vault import sites as configured
from yidang.vault.errors import DigestMismatch
from yidang.vault.kept import RECORD, SYSTEM
from yidang.vault.models import Copy, Site, StoredObject, Tombstone
from yidang.vault.places import Place
from yidang.vault.root import Root

BATCH = 500
# A record's object holds its description under this name; every other object is the system's own.
DESCRIPTION = "record.json"


class NotEmpty(WrongState):
    """The database knows objects already."""

    code = "vault.not_empty"
    default_message = _("The database already knows kept objects; a rebuild needs an empty one.")
    default_remedy = _("Name an empty data folder with --data, and the sites in YIDANG_SITES.")


@dataclass(frozen=True, slots=True)
class FoundObject:
    """One object as a site holds it, its inventory whole and read."""

    object_id: UUID
    folder: Place
    inventory: ocfl.Inventory
    earlier: tuple[str, ...]
    size: int

    @property
    def kind(self) -> str:
        """``record`` or ``system``."""
        return RECORD if DESCRIPTION in self.inventory.state() else SYSTEM

    def read(self, logical_path: str, *, version: int = 0) -> bytes:
        """A small file's bytes, compared with the inventory.

        :raises KeyError: that version has no such file
        :raises DigestMismatch: the bytes are not what the inventory says
        :raises OSError: they cannot be read
        """
        digest, content_path = self.inventory.state(version)[logical_path]
        content = (self.folder / content_path).read_bytes()
        if ocfl.digest_of(content) != digest:
            raise DigestMismatch(logical_path)
        return content


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild made, and what it could not read: path and reason."""

    objects: int = 0
    tombstones: int = 0
    refused: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether everything on the site was understood."""
        return not self.unreadable


# Called in a transaction with a batch of objects; answers counts by word and adds to what cannot be read.
Builder = Callable[[Sequence[FoundObject], Rebuilt], None]
Finisher = Callable[[Rebuilt], None]
_BUILDERS: list[tuple[str, Builder, Finisher]] = []


def register_builder(kind: str, build: Builder, finish: Finisher = lambda done: None) -> None:
    """Have objects of one kind built into rows; system objects come before records.

    :param build: takes up to five hundred objects inside a transaction
    :param finish: called once after the last object, inside a transaction
    """
    _BUILDERS.append((kind, build, finish))


def found_objects(root: Root, done: Rebuilt) -> Iterator[FoundObject]:
    """Every object of a site in the order of its folders; what cannot be read is told in ``done`` and passed over."""
    for one in root.standing():
        if one.object_id is None:
            done.unreadable.append((one.path, "not an object"))
            continue
        try:
            yield read_object(root, one.object_id)
        except (OSError, ocfl.BadInventory) as problem:
            done.unreadable.append((str(one.object_id), str(problem)))


def read_object(root: Root, object_id: UUID) -> FoundObject:
    """One object of a site.

    :raises OSError, BadInventory: it cannot be read, or is not whole
    """
    folder = root.object_folder(object_id)
    inventory = _whole(folder, object_id)
    earlier = tuple(
        ocfl.digest_of((folder / f"v{number}" / ocfl.INVENTORY).read_bytes()) for number in range(1, inventory.head)
    )
    size = sum((folder / path).stat().st_size for path in inventory.content_files())
    return FoundObject(object_id, folder, inventory, earlier, size)


def _whole(folder: Place, object_id: UUID) -> ocfl.Inventory:
    """The inventory whose sidecar agrees: the root's, else the newest version's."""
    for place in _places(folder):
        raw = (place / ocfl.INVENTORY).read_bytes() if (place / ocfl.INVENTORY).is_file() else b""
        side = place / ocfl.SIDECAR
        if raw and side.is_file() and side.read_bytes() == ocfl.sidecar(ocfl.digest_of(raw)):
            return ocfl.parse(raw, object_id)
    raise ocfl.BadInventory("no inventory agrees with its sidecar")


def _places(folder: Place) -> Iterator[Place]:
    yield folder
    number = 1
    while (folder / f"v{number + 1}" / ocfl.INVENTORY).is_file():
        number += 1
    yield folder / f"v{number}"


def rebuild(
    *,
    site: str = "",
    actor: Actor,
    progress: Callable[[Rebuilt], None] = lambda done: None,
    now: datetime | None = None,
) -> Rebuilt:
    """Make the rows of an empty database from one site: objects, tombstones, and what the builders make of them.

    The site's description files are read and compared, its other bytes are left to the next scrub; copies on other
    sites are taken as lagging until a repair has compared them.

    :param site: by default the first one that answers
    :raises NotEmpty: the database knows objects
    :raises UnknownSite, SiteMissing: the site is not named in settings, or does not answer
    """
    if StoredObject.objects.exists():
        raise NotEmpty()
    now = now or clock.now()
    answering = [root for root in configured.roots() if root.marker_id]
    root = configured.root_of(site) if site else (answering or list(configured.roots()))[0]
    root.check()
    actions.prepare_sites(actor=actor, now=now)
    done, stones = Rebuilt(), tombstones.on_sites(answering)
    with transaction.atomic():
        Tombstone.objects.bulk_create(stones.values(), ignore_conflicts=True)
        audit.bind(tombstones.KIND, stones, actor=actor, now=now)
        done.tombstones = len(stones)
        places: list[tuple[UUID, str]] = []
        batch: list[FoundObject] = []
        for one in found_objects(root, done):
            if one.object_id in stones:
                done.refused.append(str(one.object_id))
                continue
            batch.append(one)
            places.append((one.object_id, one.kind))
            if len(batch) == BATCH:
                make_rows(batch, root, now, done)
                progress(done)
                batch = []
        make_rows(batch, root, now, done)
        build(root, places, done, progress)
        facts = {"objects": done.objects, "tombstones": done.tombstones, "unreadable": len(done.unreadable)}
        audit.write("vault.site.rebuilt", actor=actor, target_kind="site", target=root.key, facts=facts, now=now)
    progress(done)
    return done


def make_rows(batch: Sequence[FoundObject], root: Root, now: datetime, done: Rebuilt) -> None:
    """The vault's rows of objects that no row knows: good on this site, lagging on the others."""
    rows = StoredObject.objects.bulk_create(
        StoredObject(
            object_id=one.object_id, kind=one.kind, head=one.inventory.head, inventory_sha512=one.inventory.digest,
            earlier_sha512=list(one.earlier), size=one.size, created_at=now, changed_at=now,
        )
        for one in batch
    )  # fmt: skip
    sites = list(Site.objects.filter(key__in=[one.key for one in configured.roots()]))
    Copy.objects.bulk_create(
        Copy(
            object=row, site=site, state=Copy.State.OK if site.key == root.key else Copy.State.LAGGING,
            written_at=now if site.key == root.key else None,
        )
        for row in rows
        for site in sites
    )  # fmt: skip
    done.objects += len(rows)


def build(root: Root, places: Sequence[tuple[UUID, str]], done: Rebuilt, progress: Callable[[Rebuilt], None]) -> None:
    """Have the builders make of objects what they mean, the system's before records."""
    for wanted in (SYSTEM, RECORD):
        ids = [object_id for object_id, kind in places if kind == wanted]
        builders = [(build, finish) for kind, build, finish in _BUILDERS if kind == wanted]
        for start in range(0, len(ids) if builders else 0, BATCH):
            batch = [read_object(root, object_id) for object_id in ids[start : start + BATCH]]
            for build, _finish in builders:
                build(batch, done)
            progress(done)
        for _build, finish in builders if ids else ():
            finish(done)
