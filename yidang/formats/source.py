"""A file to read inside the cage: an open descriptor and the name that its sender gave it."""

import functools
import io
import mmap
import os
from typing import Any


class _Placed(io.RawIOBase):
    """Reads a descriptor at a place that is its own."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor, self._size, self._place = descriptor, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        return self._place


class Source:
    """An open file, read-only; its path is not known here and could not be opened."""

    def __init__(self, descriptor: int, name: str) -> None:
        self.descriptor = descriptor
        self.name = name
        self.size = os.fstat(descriptor).st_size

    @property
    def ending(self) -> str:
        """The name's ending in lower case, without dot; empty if it has none."""
        head, dot, tail = self.name.rpartition(".")
        return tail.lower() if dot and head and len(tail) <= 12 and " " not in tail else ""

    @functools.cached_property
    def data(self) -> bytes:
        """All bytes; only for readers whose files are small, or which cannot do otherwise."""
        return self.slice(0, self.size)

    def slice(self, start: int, length: int) -> bytes:
        """Some bytes, without moving anything."""
        parts, wanted = [], min(length, max(0, self.size - start))
        while wanted > 0:
            part = os.pread(self.descriptor, wanted, start)
            if not part:
                break
            parts.append(part)
            start, wanted = start + len(part), wanted - len(part)
        return b"".join(parts)

    def head(self, length: int) -> bytes:
        """The beginning."""
        return self.slice(0, length)

    def tail(self, length: int) -> bytes:
        """The end."""
        return self.slice(max(0, self.size - length), length)

    def file(self) -> io.BufferedReader:
        """A new file object with a place of its own (a copied descriptor would share one)."""
        return io.BufferedReader(_Placed(self.descriptor, self.size), 64 * 1024)

    def contains(self, *words: bytes) -> bool:
        """Whether any of the words stands anywhere in the file, without reading it into memory."""
        if not self.size:
            return False
        with mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ) as mapped:
            return any(mapped.find(word) >= 0 for word in words)
