"""Making one copy whole again from good bytes, beside the one that stands, and exchanging the two."""

from collections.abc import Sequence

from yidang.vault import ocfl
from yidang.vault.assembling import Sources
from yidang.vault.examined import Fault
from yidang.vault.models import StoredObject
from yidang.vault.plan import Payload, Plan, kept_files
from yidang.vault.root import Root
from yidang.vault.staging import slots
from yidang.vault.store import at_one, barrier, writers


def whole(row: StoredObject, sources: Sources, root: Root, faults: Sequence[Fault]) -> Plan | None:
    """The whole object for one site: its own good files linked, the others from where they are good; None if nowhere."""
    own = root.object_folder(row.object_id)
    stands = own.is_dir()
    bad = {fault.path for fault in faults}
    wanted = {
        ocfl.DECLARATION: ocfl.digest_of(ocfl.DECLARATION_CONTENT),
        ocfl.INVENTORY: row.inventory_sha512,
        ocfl.SIDECAR: ocfl.digest_of(ocfl.sidecar(row.inventory_sha512)),
        **sources.earlier_files(),
    }
    links, payloads = [], []
    for path, digest in wanted.items():
        if stands and path not in bad:
            links.append((path, str(own / path)))
        elif made := sources.derived(path, digest):
            payloads.append(made)
        elif (place := sources.good(path, digest)) is not None:
            payloads.append(Payload(path, place, place.stat().st_size, digest))
        else:
            return None
    sizes = dict.fromkeys(sources.inventory.content_files().values(), 0)
    files = kept_files(sources.inventory, sizes)
    return Plan(row.object_id, row.kind, sources.inventory, tuple(payloads), files, row.size, tuple(links))


def put(plan: Plan, root: Root, faults: Sequence[Fault]) -> None:
    """Write the whole object beside the bad one, exchange them, and keep what is bad in it for somebody to look at."""
    root.check_room(plan.bytes_to_write)
    with writers([root], [root.check()]) as group:
        [writer] = group
        at_one(writer, lambda writer: writer.write([plan]))
        barrier(group)
        at_one(writer, lambda writer: writer.read_again([plan]))
        at_one(writer, lambda writer: writer.exchange([plan]))
        at_one(writer, lambda writer: writer.settle())
        barrier(group)
    at_one(group[0], lambda writer: writer.keep_evidence(plan, faults))
    slots.finish(group[0].slot)
