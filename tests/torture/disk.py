"""A disk in memory that knows what was flushed: bytes by page, names by folder; and what a power cut leaves of the rest.

Stricter than ext4: flushing a file does not flush its name, flushing a folder flushes the names in it and no other's.
A rename is one step, as on every journalling file system.
"""

import random
import stat
import time
from dataclasses import dataclass, field

PAGE, SECTOR = 4096, 512
ROOT = 1


@dataclass
class Node:
    """A file or a folder: as it is now, and as it is on the platter."""

    mode: int
    data: bytearray = field(default_factory=bytearray)
    flushed: bytearray = field(default_factory=bytearray)
    dirty: set[int] = field(default_factory=set)
    names: dict[str, int] = field(default_factory=dict)
    flushed_names: dict[str, int] = field(default_factory=dict)
    links: int = 1
    changed: float = field(default_factory=time.time)

    @property
    def is_folder(self) -> bool:
        """Whether it holds names."""
        return stat.S_ISDIR(self.mode)


@dataclass(frozen=True)
class Step:
    """One change of names, kept or forgotten as a whole: (folder, name, node or 0 for none)."""

    changes: tuple[tuple[int, str, int], ...]

    @property
    def places(self) -> set[tuple[int, str]]:
        """The names that it touches."""
        return {(folder, name) for folder, name, _node in self.changes}


@dataclass(frozen=True)
class Cut:
    """How a power cut treats what was not flushed.

    :param pages: ``drop`` all, keep some, or keep some of which one in three is ``torn``
    :param steps: of the changes of names ``forget`` all, keep a ``prefix``, or keep ``some``
    """

    pages: str
    steps: str

    def __str__(self) -> str:
        return f"pages {self.pages}, names {self.steps}"


def any_cut(chance: random.Random) -> Cut:
    """One of the nine."""
    return Cut(chance.choice(("drop", "some", "torn")), chance.choice(("forget", "prefix", "some")))


class Disk:
    """Nodes by number, and the changes of names that no folder's flush has taken along yet, in their order."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {ROOT: Node(stat.S_IFDIR | 0o755)}
        self.waiting: list[Step] = []
        self._next = ROOT

    # ---- changes --------------------------------------------------------------------------------------------------

    def make(self, folder: int, name: str, mode: int) -> int:
        """A new file or folder."""
        self._next += 1
        self.nodes[self._next] = Node(mode)
        self.step((folder, name, self._next))
        return self._next

    def step(self, *changes: tuple[int, str, int]) -> None:
        """Change names, in memory."""
        for folder, name, number in changes:
            self._put(self.nodes[folder].names, name, number)
            self.nodes[folder].changed = time.time()
        self.waiting.append(Step(changes))

    def write(self, number: int, content: bytes, offset: int) -> None:
        """Write bytes, in memory."""
        node = self.nodes[number]
        if offset > len(node.data):
            self.truncate(number, offset)
        node.data[offset : offset + len(content)] = content
        node.dirty.update(range(offset // PAGE, (offset + len(content) - 1) // PAGE + 1))
        node.changed = time.time()

    def truncate(self, number: int, size: int) -> None:
        """Cut or lengthen with zeros, in memory."""
        node = self.nodes[number]
        before = len(node.data)
        if size < before:
            del node.data[size:]
        else:
            node.data.extend(bytes(size - before))
        node.dirty.update(range(min(before, size) // PAGE, max(before, size) // PAGE + 1))
        node.changed = time.time()

    # ---- flushes --------------------------------------------------------------------------------------------------

    def flush(self, number: int) -> None:
        """Bytes of a file, or names of a folder with every earlier change that they rest on."""
        node = self.nodes[number]
        if not node.is_folder:
            _take(node, node.dirty, len(node.data))
            node.dirty = set()
            return
        wanted: set[tuple[int, str]] = set()
        taken, left = [], []
        for step in reversed(self.waiting):
            if any(folder == number for folder, _name in step.places) or step.places & wanted:
                wanted |= step.places
                taken.append(step)
            else:
                left.append(step)
        for step in reversed(taken):
            self._apply(step)
        self.waiting = left[::-1]

    def settle(self) -> None:
        """Everything as it is now is on the platter."""
        for node in self.nodes.values():
            node.flushed, node.dirty = bytearray(node.data), set()
            node.flushed_names = dict(node.names)
        self.waiting = []

    def _apply(self, step: Step) -> None:
        for folder, name, number in step.changes:
            self._put(self.nodes[folder].flushed_names, name, number)

    @staticmethod
    def _put(names: dict[str, int], name: str, number: int) -> None:
        if number:
            names[name] = number
        else:
            names.pop(name, None)

    # ---- the cut --------------------------------------------------------------------------------------------------

    def after(self, cut: Cut, chance: random.Random) -> "Disk":
        """The disk as it stands when the power comes back; this one goes on as if nothing had happened."""
        left = Disk()
        left.nodes = {number: self._survivor(node, cut, chance) for number, node in self.nodes.items()}
        steps = list(self.waiting)
        if cut.steps == "forget":
            steps = []
        elif cut.steps == "prefix":
            steps = steps[: chance.randint(0, len(steps))]
        else:
            steps = [step for step in steps if chance.random() < 0.5]
        for step in steps:
            left._apply(step)
        for node in left.nodes.values():
            node.names = dict(node.flushed_names)
        return left

    @staticmethod
    def _survivor(node: Node, cut: Cut, chance: random.Random) -> Node:
        found = Node(node.mode, flushed_names=dict(node.flushed_names), changed=node.changed)
        found.flushed = bytearray(node.flushed)
        if cut.pages != "drop" and node.dirty:
            kept = {page for page in node.dirty if chance.random() < 0.5}
            # The length reaches the disk by a way of its own.
            size = len(node.data) if kept or chance.random() < 0.5 else len(node.flushed)
            torn = {page for page in kept if cut.pages == "torn" and chance.random() < 1 / 3}
            _take(Node(0, data=node.data), kept - torn, size, into=found.flushed)
            for page in torn:
                _tear(node.data, found.flushed, page, chance)
        found.data = bytearray(found.flushed)
        return found


def _take(node: Node, pages: set[int], size: int, into: bytearray | None = None) -> None:
    """Copy pages of what a file is now onto its platter, and give it this length."""
    platter = node.flushed if into is None else into
    if len(platter) > size:
        del platter[size:]
    else:
        platter.extend(bytes(size - len(platter)))
    for page in pages:
        first, last = page * PAGE, min((page + 1) * PAGE, size)
        if first < last:
            platter[first:last] = node.data[first:last]


def _tear(data: bytearray, platter: bytearray, page: int, chance: random.Random) -> None:
    """The first sectors of a page are new, the rest is what was there."""
    first = page * PAGE
    last = min(first + SECTOR * chance.randint(1, PAGE // SECTOR - 1), len(platter), len(data))
    if first < last:
        platter[first:last] = data[first:last]
