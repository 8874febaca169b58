"""Where bytes stand at a site: a path of a folder, or a key of a bucket that answers the same few questions."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yidang.vault.objectstore import ObjectStore

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Size:
    """The one fact of ``os.stat_result`` that the vault asks of a place."""

    st_size: int


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A key, or the beginning of several, in a bucket; as much of ``pathlib.Path`` as the vault needs."""

    name_of_store: str
    key: str
    store: "ObjectStore" = field(compare=False, repr=False)

    def __truediv__(self, more: str) -> "BucketPlace":
        return BucketPlace(self.name_of_store, f"{self.key}/{more}", self.store)

    def __str__(self) -> str:
        return f"{self.name_of_store}/{self.key}"

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    def is_file(self) -> bool:
        """Whether the key holds bytes; no answer is no."""
        try:
            return self.store.size(self.key) is not None
        except OSError:
            return False

    def is_dir(self) -> bool:
        """Whether keys begin with this one; no answer is no."""
        try:
            return next(self.store.keys(f"{self.key}/"), None) is not None
        except OSError:
            return False

    def exists(self) -> bool:
        """Either."""
        return self.is_file() or self.is_dir()

    def stat(self) -> Size:
        """The size in bytes.

        :raises FileNotFoundError: the key holds nothing
        """
        size = self.store.size(self.key)
        if size is None:
            raise FileNotFoundError(2, "No such key", str(self))
        return Size(size)

    def read_bytes(self) -> bytes:
        """The whole content; for small files.

        :raises OSError: it cannot be read
        """
        return self.store.get(self.key)

    def open(self, mode: str = "rb") -> Any:
        """A stream of the content, to be read once from its beginning.

        :raises OSError: it cannot be read
        """
        if mode != "rb":
            raise io.UnsupportedOperation(mode)
        return io.BufferedReader(_Stream(self.store.chunks(self.key)), CHUNK)


Place = Path | BucketPlace


class _Stream(io.RawIOBase):
    """Chunks as a raw stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def chunks_of(place: Place) -> Iterable[bytes]:
    """The bytes of a file at any site.

    :raises OSError: they cannot be read
    """
    with place.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
