"""Where the good bytes of an object are: its true inventory, and for each file the sites that hold it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from yidang.vault import ocfl
from yidang.vault import sites as configured
from yidang.vault.errors import NoGoodCopy
from yidang.vault.models import StoredObject
from yidang.vault.places import Place
from yidang.vault.plan import Payload, Plan, digest_of_file
from yidang.vault.root import Root


@dataclass(slots=True)
class Sources:
    """An object's true inventory, proven by the database's digest, and the folders that may hold its files."""

    object_id: UUID
    inventory: ocfl.Inventory
    earlier: list[str]
    folders: dict[str, Place] = field(default_factory=dict)

    def sizes(self) -> dict[str, int]:
        """SHA-512 → size, as the first site that has the file says.

        :raises NoGoodCopy: a file is nowhere
        """
        found = {}
        for path, digest in self.inventory.content_files().items():
            place = next(self._holders(path), None)
            if place is None:
                raise NoGoodCopy(object_id=str(self.object_id), path=path)
            found[digest] = place.stat().st_size
        return found

    def earlier_files(self) -> dict[str, str]:
        """Everything that the versions up to the head consist of, by place, with its digest; the root's files apart."""
        found = self.inventory.content_files()
        for number, digest in enumerate([*self.earlier, self.inventory.digest], start=1):
            found[f"v{number}/{ocfl.INVENTORY}"] = digest
            found[f"v{number}/{ocfl.SIDECAR}"] = ocfl.digest_of(ocfl.sidecar(digest))
        return found

    def complete(self, plan: Plan, root: Root) -> Plan:
        """The plan of a next version at one root: what earlier versions have is linked, or copied from another site.

        :raises NoGoodCopy: an earlier file is nowhere
        """
        links, payloads = list(plan.links), list(plan.payloads)
        own = self.folders.get(root.key)
        for path, digest in self.earlier_files().items():
            if own is not None and (own / path).is_file():
                links.append((path, str(own / path)))
            elif made := self.derived(path, digest):
                payloads.append(made)
            else:
                place = self.good(path, digest)
                if place is None:
                    raise NoGoodCopy(object_id=str(self.object_id), path=path)
                payloads.append(Payload(path, place, place.stat().st_size, digest))
        return replace(plan, links=tuple(links), payloads=tuple(payloads))

    def derived(self, path: str, digest: str) -> Payload | None:
        """A file that needs no source, because the true inventory and its digest say what is in it."""
        content = None
        if digest == self.inventory.digest:
            content = self.inventory.raw
        elif path.endswith(ocfl.SIDECAR):
            number = int(path[1:].partition("/")[0]) if "/" in path else len(self.earlier) + 1
            content = ocfl.sidecar([*self.earlier, self.inventory.digest][number - 1])
        elif path == ocfl.DECLARATION:
            content = ocfl.DECLARATION_CONTENT
        return Payload(path, content, len(content), digest) if content is not None else None

    def good(self, path: str, digest: str) -> Place | None:
        """The first site's file that has this digest now."""
        for place in self._holders(path):
            try:
                if digest_of_file(place)[0] == digest:
                    return place
            except OSError:
                continue
        return None

    def _holders(self, path: str) -> Iterator[Place]:
        return (folder / path for folder in self.folders.values() if (folder / path).is_file())


def find_sources(row: StoredObject) -> Sources | None:
    """The true inventory, wherever it still stands, and the sites that answer; None when it is nowhere."""
    folders = {root.key: root.object_folder(row.object_id) for root in configured.roots() if root.marker_id}
    for folder in folders.values():
        for place in (folder / ocfl.INVENTORY, folder / f"v{row.head}" / ocfl.INVENTORY):
            try:
                raw = place.read_bytes()
            except OSError:
                continue
            if ocfl.digest_of(raw) == row.inventory_sha512:
                return Sources(row.object_id, ocfl.parse(raw, row.object_id), list(row.earlier_sha512), folders)
    return None


def sources_of(row: StoredObject) -> Sources:
    """The same, for those who cannot go on without.

    :raises NoGoodCopy: no site has the true inventory
    """
    found = find_sources(row)
    if found is None:
        raise NoGoodCopy(object_id=str(row.object_id), path=ocfl.INVENTORY)
    return found
