"""Where unfinished work stands: slots, folders on every site that one call at a time writes into.

A slot is used again and again, because making and removing folders for every filing is dear (on ext4 without a
journal even the next files become slow). Its ``objects`` file, on the first site, names what was placed but is not
registered yet, or exchanged for a next version; it is locked while its process lives, so that a sweep can tell work
from what a crash left.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from uuid import UUID, uuid4

from yidang.vault.errors import refusal_of
from yidang.vault.kept import KeptObject
from yidang.vault.root import FOLDER_MODE, Root

INTENT = "objects"
VERSION = "version:"  # before the id of an object that was there already: a sweep must never remove it
# A slot holds one descriptor for each site and one of its own.
MOST_FREE = 8


class Slot:
    """One staging folder on each of a group of roots, owned by this process."""

    def __init__(self, roots: Sequence[Root], key: tuple[str, ...]) -> None:
        self.token = uuid4().hex
        self.key = key
        self.roots = tuple(roots)
        self.descriptors: list[int] = []
        self._count = 0
        try:
            for root in roots:
                self.descriptors.append(_make(root, self.token))
            self.intent = _make_intent(roots[0], self.descriptors[0])
        except BaseException:
            for descriptor in self.descriptors:
                os.close(descriptor)
            raise
        self.waiting: set[UUID] = set()

    def next_name(self) -> str:
        """A name in the slot that nobody has."""
        self._count += 1
        return f".{self._count}"

    def announce(self, object_ids: Iterable[UUID]) -> None:
        """Write down what is about to be placed; the caller's flush makes it durable."""
        self.waiting = set(object_ids)
        self._write_down("", self.waiting)

    def announce_versions(self, object_ids: Iterable[UUID]) -> None:
        """Write down which standing objects are about to be exchanged for their next version."""
        self._write_down(VERSION, object_ids)

    def _write_down(self, mark: str, object_ids: Iterable[UUID]) -> None:
        listed = "".join(f"{mark}{object_id}\n" for object_id in sorted(object_ids)).encode()
        os.ftruncate(self.intent, 0)
        os.pwrite(self.intent, listed, 0)

    def clear(self) -> bool:
        """Remove whatever a failed call left; False when something resists and a sweep has to come."""
        for root in self.roots:
            for left in root.staging(self.token).iterdir():
                if left.name == INTENT:
                    continue
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)
                if left.exists():
                    return False
            try:
                root.clear_staging(self.token)
            except OSError:
                return False
        self.done()
        return True

    def done(self) -> None:
        """Nothing placed from here waits for its rows any more. Needs no flush: a sweep asks the rows first."""
        self.waiting = set()
        os.ftruncate(self.intent, 0)

    def close(self) -> None:
        """Own the folders no longer; a sweep takes them away."""
        for descriptor in (*self.descriptors, self.intent):
            os.close(descriptor)


def _make(root: Root, token: str) -> int:
    try:
        root.staging(token).mkdir(mode=FOLDER_MODE)
        return os.open(root.staging(token), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as problem:
        raise refusal_of(root.key, problem) from problem


def _make_intent(root: Root, folder: int) -> int:
    try:
        descriptor = os.open(INTENT, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640, dir_fd=folder)
    except OSError as problem:
        raise refusal_of(root.key, problem) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(descriptor)
        raise refusal_of(root.key, problem) from problem
    return descriptor


class Slots:
    """The slots of this process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Own nothing, as at the start and in the child of a fork, which must not use its parent's slots."""
        self._lock = Lock()
        self._free: dict[tuple[str, ...], list[Slot]] = {}
        self._waiting: dict[str, Slot] = {}

    def take(self, roots: Sequence[Root], marker_ids: Sequence[str]) -> Slot:
        """A slot on these roots for the caller alone.

        :raises Unavailable: a root cannot be written
        """
        key = tuple(f"{root.address}:{marker}" for root, marker in zip(roots, marker_ids, strict=True))
        with self._lock:
            free = self._free.get(key)
            if free:
                return free.pop()
        return Slot(roots, key)

    def give_back(self, slot: Slot) -> None:
        """The slot is clean and may be used by the next call; more than a busy server needs are not held open."""
        with self._lock:
            free = self._free.setdefault(slot.key, [])
            if len(free) < MOST_FREE:
                free.append(slot)
                return
        slot.close()

    def finish(self, slot: Slot) -> None:
        """Clear a slot for the next call; one that resists is left to a sweep."""
        if slot.clear():
            self.give_back(slot)
        else:
            slot.close()

    def close(self) -> None:
        """Let go of every slot, as the end of the process does; what was placed and not registered is left to a sweep."""
        with self._lock:
            held = [slot for group in self._free.values() for slot in group] + [*self._waiting.values()]
            self._free, self._waiting = {}, {}
        for slot in held:
            slot.close()

    def wait(self, slot: Slot) -> None:
        """What was placed from this slot now waits for ``lift``."""
        with self._lock:
            self._waiting[slot.token] = slot

    def lift(self, kept: Iterable[KeptObject]) -> None:
        """These objects have rows, or are gone; a slot for which nothing waits any more is free again."""
        for one in kept:
            with self._lock:
                slot = self._waiting.get(one.token)
                if slot is None:
                    continue
                slot.waiting.discard(one.object_id)
                if slot.waiting:
                    continue
                del self._waiting[one.token]
            with contextlib.suppress(OSError):
                slot.done()
                self.give_back(slot)


slots = Slots()
os.register_at_fork(after_in_child=slots.forget)


def is_abandoned(folder: Path) -> bool:
    """Whether no living process owns the slot that this folder belongs to."""
    try:
        descriptor = os.open(folder / INTENT, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
