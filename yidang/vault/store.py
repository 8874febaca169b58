"""Keeping new objects: bytes first. No database is touched here; ``register`` makes the rows afterwards."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Lock
from uuid import UUID, uuid4

from yidang.common import clock
from yidang.vault import sites as configured
from yidang.vault.errors import refusal_of
from yidang.vault.flush import make_flush
from yidang.vault.kept import KeptObject, NewObject
from yidang.vault.plan import Plan, plan_objects
from yidang.vault.root import Root
from yidang.vault.writing import SiteWriter


def keep(objects: Sequence[NewObject], *, sites: Iterable[str] | None = None) -> list[KeptObject]:
    """Keep a group of new objects on every required site; all of them or none.

    In this order: staged beside the objects, flushed, read again and compared, renamed into place, folders flushed.
    When this returns, the bytes survive a power cut. A crash before leaves at worst objects that no row knows and a
    token by which ``sweep`` finds them.

    :param sites: keys of the sites to write; by default the required ones
    :returns: in the order of ``objects``; hand them to ``register`` inside the transaction that makes the rows
    :raises SiteMissing, SiteFull, SiteReadOnly, WriteFailed: a site does not take it; nothing is kept
    :raises ObjectExists: another writer keeps this id; nothing of this call is kept
    :raises DigestMismatch: a file is not what its digest says; nothing is kept
    :raises SourceMissing, InvalidInput: a file cannot be read or its path is not allowed
    """
    if not objects:
        return []
    roots = configured.required_roots() if sites is None else tuple(map(configured.root_of, sites))
    for root in roots:
        root.check()
    plans = plan_objects(objects)
    needed = sum(plan.bytes_to_write for plan in plans)
    for root in roots:
        root.check_room(needed)
    token = uuid4().hex
    with writers(roots, token) as group:
        at_each(group, lambda writer: writer.open([plan.object_id for plan in plans] if writer is group[0] else ()))
        at_each(group, lambda writer: writer.write(plans))
        barrier(group)
        at_each(group, lambda writer: writer.read_again(plans))
        # One site after the other, always in the same order: the first site decides between two writers of one id.
        for writer in group:
            at_one(writer, lambda writer: writer.place(plans))
        at_each(group, SiteWriter.settle)
        barrier(group)
        for writer in group[1:]:
            writer.root.remove_staged(token)
    tokens.open(token, [plan.object_id for plan in plans])
    kept_at = clock.now()
    keys = tuple(root.key for root in roots)
    return [
        KeptObject(
            plan.object_id, plan.kind, plan.inventory.head, plan.inventory.digest, plan.content_size, plan.files, keys,
            kept_at, token,
        )
        for plan in plans
    ]  # fmt: skip


@contextmanager
def writers(roots: Sequence[Root], token: str) -> Iterator[list[SiteWriter]]:
    """Writers with open flushes for a group of roots; whatever goes wrong inside is undone at every site."""
    with ExitStack() as stack:
        group = []
        for root in roots:
            try:
                flush = stack.enter_context(make_flush(root.path, root.probe.mode))
            except OSError as problem:
                raise refusal_of(root.key, problem) from problem
            group.append(SiteWriter(root, token, flush))
        try:
            yield group
        except BaseException:
            for writer in group:
                writer.undo()
            raise


def at_one(writer: SiteWriter, step: Callable[[SiteWriter], None]) -> None:
    """Take one step at one site; an operating system's error becomes a refusal that names the site."""
    try:
        step(writer)
    except OSError as problem:
        raise refusal_of(writer.root.key, problem) from problem


def at_each(group: Sequence[SiteWriter], step: Callable[[SiteWriter], None]) -> None:
    """Take one step at every site at the same time, wait for all, then raise the first refusal."""
    if len(group) == 1:
        at_one(group[0], step)
        return
    with ThreadPoolExecutor(len(group) - 1, thread_name_prefix="vault-site") as pool:
        others = [pool.submit(at_one, writer, step) for writer in group[1:]]
        at_one(group[0], step)
    for other in others:
        other.result()


def barrier(group: Sequence[SiteWriter]) -> None:
    """Wait until everything is durable; sites on one file system that flush in groups share one call."""
    apart: dict[object, SiteWriter] = {}
    for writer in group:
        shared = writer.root.probe.mode == "group"
        apart.setdefault(os.stat(writer.root.path).st_dev if shared else writer.root.key, writer)
    at_each(list(apart.values()), lambda writer: writer.flush.barrier())


class Tokens:
    """Which kept objects of this process still wait for their rows; the last one of a group lifts its token."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[str, set[UUID]] = {}

    def open(self, token: str, object_ids: Iterable[UUID]) -> None:
        """Remember a group."""
        with self._lock:
            self._waiting[token] = set(object_ids)

    def lift(self, kept: Iterable[KeptObject]) -> None:
        """These objects are registered or discarded; remove tokens that nobody waits for any more."""
        done = []
        with self._lock:
            for one in kept:
                waiting = self._waiting.get(one.token)
                if waiting is not None:
                    waiting.discard(one.object_id)
                    if not waiting:
                        del self._waiting[one.token]
                        done.append(one.token)
        for token in done:
            for root in configured.roots():
                root.remove_staged(token)


tokens = Tokens()
__all__ = ["Plan", "at_each", "at_one", "barrier", "keep", "tokens", "writers"]
