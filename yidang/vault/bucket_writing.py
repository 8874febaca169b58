"""One writer at one bucket: stage, read again, copy into place, undo. A bucket cannot rename, so the order is the promise."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from yidang.vault import ocfl
from yidang.vault.errors import DigestMismatch, ObjectExists
from yidang.vault.examined import Fault
from yidang.vault.flush import EachFlush
from yidang.vault.layout import object_path
from yidang.vault.places import chunks_of
from yidang.vault.plan import Payload, Plan
from yidang.vault.root import STAGING
from yidang.vault.staging import Slot
from yidang.vault.writing import SiteWriter

if TYPE_CHECKING:
    from yidang.vault.bucket import Bucket

# Requests wait for the network, so several are on their way at a time.
REQUESTS_AT_ONCE = 8
# What makes an object whole for a reader comes last, in this order.
_LAST = (ocfl.SIDECAR, ocfl.INVENTORY)


class BucketWriter(SiteWriter):
    """Writes a group of objects to one bucket, by way of keys below the slot's token."""

    def __init__(self, root: "Bucket", slot: Slot) -> None:
        super().__init__(root, slot, EachFlush(root.staging_room))
        self.store = root.store
        self.bucket = root
        self.put: list[str] = []
        self.placed: list[str] = []
        self.moved: list[tuple[str, str]] = []

    def _staged(self, plan: Plan, place: str) -> str:
        return f"{STAGING}/{self.slot.token}/{plan.object_id}/{place}"

    def _before(self, plan: Plan, place: str) -> str:
        return f"{STAGING}/{self.slot.token}/before/{plan.object_id}/{place}"

    def write(self, plans: Sequence[Plan]) -> None:
        """Put every file of every plan below the slot's token; what this bucket has already stays where it is."""
        at_once(self._stage, [(plan, payload) for plan in plans for payload in plan.payloads])
        if self.root is self.slot.roots[0]:
            self.flush.written(self.slot.intent)
            self.flush.folders([self.base, self.base.parent])

    def _stage(self, plan: Plan, payload: Payload) -> None:
        key, source = self._staged(plan, payload.place), payload.source
        if isinstance(source, bytes):
            self.store.put(key, source)
        else:
            self.store.put_chunks(key, chunks_of(source), payload.size)

    def read_again(self, plans: Sequence[Plan]) -> None:
        """Read every staged key back from the store and compare.

        :raises DigestMismatch: the store holds other bytes than announced
        """
        at_once(self._compare, [(plan, payload) for plan in plans for payload in plan.payloads])

    def _compare(self, plan: Plan, payload: Payload) -> None:
        long, short = sha512(), sha256()
        for chunk in self.store.chunks(self._staged(plan, payload.place)):
            long.update(chunk)
            if payload.sha256:
                short.update(chunk)
        if long.hexdigest() != payload.sha512 or (payload.sha256 and short.hexdigest() != payload.sha256):
            raise DigestMismatch(payload.place)

    def place(self, plans: Sequence[Plan]) -> None:
        """Put each object's declaration if nobody did, then its files, then its inventory.

        :raises ObjectExists: something stands there already
        """
        for plan in plans:
            declaration = f"{object_path(plan.object_id)}/{ocfl.DECLARATION}"
            try:
                self.store.claim(declaration, ocfl.DECLARATION_CONTENT, self.slot.token)
            except FileExistsError as problem:
                raise ObjectExists from problem
            self.put.append(declaration)
            self.bucket.lock([declaration])
            self._copy_into_place(plan, standing=set(), there={ocfl.DECLARATION})

    def exchange(self, plans: Sequence[Plan]) -> None:
        """Put each object in the place of the standing one, whose changed and surplus files move below the slot's token."""
        for plan in plans:
            walked = self.bucket.walk(plan.object_id)
            standing = set(walked.files) if walked else set()
            self._copy_into_place(plan, standing, there=set())
            top = object_path(plan.object_id)
            wanted = {payload.place for payload in plan.payloads} | {place for place, _ in plan.links}
            for surplus in sorted(standing - wanted):
                self._keep_before(plan, surplus)
                if self.bucket.lock_days:
                    self.store.hide(f"{top}/{surplus}")
                else:
                    self.store.remove([f"{top}/{surplus}"])

    def _copy_into_place(self, plan: Plan, standing: set[str], there: set[str]) -> None:
        sizes = {payload.place: payload.size for payload in plan.payloads}
        origin = {place: place for place in sizes}
        # A link inside the object is a second key here; one that names this bucket's own file stands there already.
        origin |= {place: target for place, target in plan.links if target in sizes}
        first = [place for place in origin if place not in _LAST and place not in there]

        def copy(place: str) -> None:
            final = f"{object_path(plan.object_id)}/{place}"
            if place in standing:
                self._keep_before(plan, place)
            else:
                self.put.append(final)
            self.store.copy(self._staged(plan, origin[place]), final, sizes[origin[place]])
            self.bucket.lock([final])

        at_once(copy, [(place,) for place in first])
        for place in _LAST:
            if place in origin:
                copy(place)
        self.placed += [self._staged(plan, place) for place in sizes]

    def _keep_before(self, plan: Plan, place: str) -> None:
        final = f"{object_path(plan.object_id)}/{place}"
        self.store.copy(final, self._before(plan, place))
        self.moved.append((self._before(plan, place), final))

    def settle(self) -> None:
        """What the store has answered is durable; what was staged for it is needed no more."""
        self.store.remove(self.placed)

    def undo(self) -> bool:
        """Take back what this writer put; False when something resists and is left to a sweep."""
        try:
            for before, final in reversed(self.moved):
                self.store.copy(before, final)
            # The declaration was put first and goes last: until then the place is taken.
            for key in reversed(self.put):
                if self.bucket.lock_days:
                    self.store.hide(key)
                else:
                    self.store.remove([key])
        except OSError:
            return False
        return True

    def keep_evidence(self, plan: Plan, faults: Sequence[Fault]) -> None:
        """Copy what was exchanged because it was bad to where somebody can look at it."""
        aside = f"{self.bucket.set_aside(plan.object_id)}/{uuid4().hex}"
        bad = {fault.path for fault in faults}
        for before, final in self.moved:
            path = final.removeprefix(f"{object_path(plan.object_id)}/")
            if path in bad:
                self.store.copy(before, f"{aside}/{path}")


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="vault-bucket")


# Threads do not survive a fork; the child makes its own.
os.register_at_fork(after_in_child=_pool.cache_clear)


def at_once(call: Callable[..., None], many: Sequence[tuple[Any, ...]]) -> None:
    """Make one call for each, several at a time; wait for all, then raise the first that failed."""
    if len(many) == 1:
        call(*many[0])
        return
    asked = [_pool().submit(call, *words) for words in many]
    wait(asked)
    for one in asked:
        one.result()
