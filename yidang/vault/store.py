"""Keeping new objects: bytes first. No database is touched here; ``register`` makes the rows afterwards."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from functools import lru_cache

from yidang.common import clock
from yidang.vault import sites as configured
from yidang.vault.choosing import choose
from yidang.vault.errors import refusal_of
from yidang.vault.flush import GroupFlush
from yidang.vault.kept import KeptObject, NewObject
from yidang.vault.plan import Plan, plan_objects
from yidang.vault.root import Root
from yidang.vault.staging import slots
from yidang.vault.writing import SiteWriter

# Bytes per object above which copying and digesting outweigh the calls around them.
MUCH = 512 * 1024
# Objects from which on two sites at once are faster than one after the other (measured: 8 even, 100 a quarter faster).
MANY = 8


def keep(objects: Sequence[NewObject], *, sites: Iterable[str] | None = None) -> list[KeptObject]:
    """Keep a group of new objects on the sites that its strictest member needs; all of them or none.

    In this order: staged beside the objects, flushed, read again and compared, renamed into place, folders flushed.
    When this returns, the bytes survive a power cut. A crash before leaves at worst objects that no row knows and a
    token by which ``sweep`` finds them.

    :param sites: keys of the sites to write; by default those that ``NewObject.before`` asks for
    :returns: in the order of ``objects``; hand them to ``register`` inside the transaction that makes the rows
    :raises SiteMissing, SiteFull, SiteReadOnly, WriteFailed: a site does not take it; nothing is kept
    :raises TooFewSites: settings name fewer sites than a member needs; nothing is kept
    :raises ObjectExists: another writer keeps this id; nothing of this call is kept
    :raises DigestMismatch: a file is not what its digest says; nothing is kept
    :raises SourceMissing, BadPath, BadObject: a file cannot be read or its path is not allowed
    """
    if not objects:
        return []
    plans = plan_objects(objects)
    needed = sum(plan.bytes_to_write for plan in plans)
    if sites is None:
        roots, marker_ids = choose({one.before for one in objects}, needed)
    else:
        roots = [configured.root_of(key) for key in sites]
        marker_ids = [root.check() for root in roots]
        for root in roots:
            root.check_room(needed)
    with writers(roots, marker_ids) as group:
        slot = group[0].slot
        at_one(group[0], lambda writer: slot.announce(plan.object_id for plan in plans))
        waits = waits_for_disks(group, plans)
        at_each(group, lambda writer: writer.write(plans), waits=waits)
        barrier(group)
        at_each(group, lambda writer: writer.read_again(plans), waits=waits)
        # One site after the other, always in the same order: the first site decides between two writers of one id.
        for writer in group:
            at_one(writer, lambda writer: writer.place(plans))
        at_each(group, lambda writer: writer.settle(), waits=waits)
        barrier(group)
    slots.wait(slot)
    return [kept_of(plan, roots, slot.token) for plan in plans]


def kept_of(plan: Plan, roots: Sequence[Root], token: str) -> KeptObject:
    """What the caller is told about one plan that is now durable on these roots."""
    return KeptObject(
        object_id=plan.object_id,
        kind=plan.kind,
        head=plan.inventory.head,
        inventory_sha512=plan.inventory.digest,
        size=plan.content_size,
        files=plan.files,
        sites=tuple(root.key for root in roots),
        kept_at=clock.now(),
        token=token,
    )


@contextmanager
def writers(roots: Sequence[Root], marker_ids: Sequence[str]) -> Iterator[list[SiteWriter]]:
    """Writers with open flushes for a group of roots; whatever goes wrong inside is undone at every site.

    After success the slot still belongs to the caller, who hands it on or gives it back.
    """
    with ExitStack() as stack:
        slot = slots.take(roots, marker_ids)
        group = []
        for root in roots:
            try:
                writer = root.writer(slot)
                stack.enter_context(writer.flush)
            except OSError as problem:
                raise refusal_of(root.key, problem) from problem
            group.append(writer)
        try:
            yield group
        except BaseException:
            # Every site is undone, also after one that resisted.
            undone = [writer.undo() for writer in group]
            if all(undone):
                slots.finish(slot)
            else:
                slot.close()  # so that a sweep of this or any process may take it
            raise


def at_one(writer: SiteWriter, step: Callable[[SiteWriter], None]) -> None:
    """Take one step at one site; an operating system's error becomes a refusal that names the site."""
    try:
        step(writer)
    except OSError as problem:
        raise refusal_of(writer.root.key, problem) from problem


def at_each(group: Sequence[SiteWriter], step: Callable[[SiteWriter], None], *, waits: bool = True) -> None:
    """Take one step at every site, wait for all, then raise the first refusal.

    :param waits: whether the step waits for disks; then the sites take it at the same time. A step of many small calls
        is faster one site after the other, because threads would only take the interpreter from each other.
    """
    if not waits:
        for writer in group:
            at_one(writer, step)
        return
    others = [_pool().submit(at_one, writer, step) for writer in group[1:]]
    try:
        at_one(group[0], step)
    finally:
        wait(others)
    for other in others:
        other.result()


def waits_for_disks(group: Sequence[SiteWriter], plans: Sequence[Plan]) -> bool:
    """Whether writing these plans is a matter of disks and kernel rather than of a few small calls."""
    if len(plans) >= MANY or any(not isinstance(writer.flush, GroupFlush) for writer in group):
        return True
    return sum(plan.bytes_to_write for plan in plans) > len(plans) * MUCH


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(32, thread_name_prefix="vault-site")


# Threads do not survive a fork; the child makes its own.
os.register_at_fork(after_in_child=_pool.cache_clear)


def barrier(group: Sequence[SiteWriter]) -> None:
    """Wait until everything is durable; sites on one file system that flush in groups share one call."""
    apart: dict[int, SiteWriter] = {}
    for writer in group:
        if isinstance(writer.flush, GroupFlush):
            apart.setdefault(writer.flush.device, writer)
    if apart:
        at_each(list(apart.values()), lambda writer: writer.flush.barrier())
