"""The disk of `disk.py` as a mounted file system, by FUSE; a process of its own, told what to do on standard input.

Usage: python -m tests.torture.mounting FOLDER. Lines in: {"deed": "settle"}, {"deed": "cut", "after": n, "seed": …,
"into": folder}, {"deed": "count"}; each is answered by a line. A cut is taken before the n-th flush from now is done; what
the disk would hold after it is written into a plain folder, and the mounted one goes on.
"""

import errno
import json
import os
import random
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any

import mfusepy as fuse

from tests.torture.disk import ROOT, Disk, any_cut

TIMES = ("st_atime", "st_mtime", "st_ctime")


class Mounted(fuse.Operations):
    """Paths and handles over numbered nodes. FUSE calls it from one thread; the listener only adds to its lists."""

    use_ns = True

    def __init__(self) -> None:
        self.disk = Disk()
        self.flushes = 0
        self._cuts: list[dict[str, Any]] = []
        self.taken: list[dict[str, Any]] = []

    # ---- finding --------------------------------------------------------------------------------------------------

    def _find(self, path: str) -> int:
        number = ROOT
        for name in path.strip("/").split("/"):
            if name:
                found = self.disk.nodes[number].names.get(name)
                if found is None:
                    raise fuse.FuseOSError(errno.ENOENT)
                number = found
        return number

    def _place(self, path: str) -> tuple[int, str]:
        above, _, name = path.rpartition("/")
        return self._find(above), name

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        number = fh or self._find(path)
        node = self.disk.nodes[number]
        changed = int(node.changed * 1e9)
        return {
            "st_mode": node.mode, "st_nlink": 2 if node.is_folder else node.links, "st_size": len(node.data),
            "st_ino": number, "st_uid": os.getuid(), "st_gid": os.getgid(), **dict.fromkeys(TIMES, changed),
        }  # fmt: skip

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self.disk.nodes[self._find(path)].names]

    def statfs(self, path: str) -> dict[str, int]:
        return {
            "f_bsize": 4096,
            "f_frsize": 4096,
            "f_blocks": 1 << 24,
            "f_bfree": 1 << 23,
            "f_bavail": 1 << 23,
            "f_namemax": 255,
        }

    # ---- names ----------------------------------------------------------------------------------------------------

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        folder, name = self._place(path)
        return self.disk.make(folder, name, stat.S_IFREG | (mode & 0o7777))

    def mkdir(self, path: str, mode: int) -> int:
        folder, name = self._place(path)
        self.disk.make(folder, name, stat.S_IFDIR | (mode & 0o7777))
        return 0

    def unlink(self, path: str) -> int:
        folder, name = self._place(path)
        self.disk.nodes[self._find(path)].links -= 1
        self.disk.step((folder, name, 0))
        return 0

    def rmdir(self, path: str) -> int:
        if self.disk.nodes[self._find(path)].names:
            raise fuse.FuseOSError(errno.ENOTEMPTY)
        folder, name = self._place(path)
        self.disk.step((folder, name, 0))
        return 0

    def rename(self, old: str, new: str) -> int:
        number, target = self._find(old), self._place(new)
        there = self.disk.nodes[target[0]].names.get(target[1])
        if there and self.disk.nodes[there].names:
            raise fuse.FuseOSError(errno.ENOTEMPTY)
        self.disk.step((*self._place(old), 0), (*target, number))
        return 0

    def link(self, target: str, source: str) -> int:
        number = self._find(source)
        self.disk.nodes[number].links += 1
        self.disk.step((*self._place(target), number))
        return 0

    # ---- bytes ----------------------------------------------------------------------------------------------------

    def open(self, path: str, flags: int) -> int:
        return self._find(path)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self.disk.nodes[fh].data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self.disk.write(fh, data, offset)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self.disk.truncate(fh or self._find(path), length)
        return 0

    def chmod(self, path: str, mode: int) -> int:
        node = self.disk.nodes[self._find(path)]
        node.mode = stat.S_IFMT(node.mode) | (mode & 0o7777)
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        self.disk.nodes[self._find(path)].changed = times[1] / 1e9 if times else time.time()
        return 0

    # ---- flushes and cuts -----------------------------------------------------------------------------------------

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._flush(fh)
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._flush(self._find(path))
        return 0

    def _flush(self, number: int) -> None:
        self.flushes += 1
        for cut in [cut for cut in self._cuts if cut["at"] == self.flushes]:
            self._take(cut)
        self.disk.flush(number)

    def plan(self, after: int, seed: str, into: str) -> None:
        """Take a cut before the n-th flush from now."""
        self._cuts.append({"at": self.flushes + after, "seed": seed, "into": into})

    def _take(self, cut: dict[str, Any]) -> None:
        chance = random.Random(cut["seed"])
        how = any_cut(chance)
        moment = time.monotonic()
        left = self.disk.after(how, chance)
        _write(left, ROOT, Path(cut["into"]))
        unflushed = sum(len(node.dirty) for node in self.disk.nodes.values())
        self.taken.append(
            {**cut, "how": str(how), "moment": moment, "pages": unflushed, "steps": len(self.disk.waiting)}
        )


def _write(disk: Disk, number: int, folder: Path) -> None:
    """A disk's content as plain files."""
    folder.mkdir(parents=True)
    for name, inner in disk.nodes[number].names.items():
        node = disk.nodes[inner]
        if node.is_folder:
            _write(disk, inner, folder / name)
        else:
            (folder / name).write_bytes(node.data)
        (folder / name).chmod(stat.S_IMODE(node.mode))


def _listen(mounted: Mounted) -> None:
    """Do what the attack asks for."""
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["deed"] == "settle":
            mounted.disk.settle()
        elif asked["deed"] == "cut":
            mounted.plan(asked["after"], asked["seed"], asked["into"])
        told = {"flushes": mounted.flushes, "taken": list(mounted.taken)}
        os.write(1, (json.dumps(told) + "\n").encode())


def main(folder: str) -> None:
    """Mount until unmounted."""
    mounted = Mounted()
    threading.Thread(target=_listen, args=(mounted,), daemon=True).start()
    # Nothing is remembered by the kernel but pages of open files: each question comes to us.
    fuse.FUSE(
        mounted, folder, foreground=True, nothreads=True, entry_timeout=0, attr_timeout=0, negative_timeout=0, use_ino=True,
        fsname="torture", big_writes=True, hard_remove=True,
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
