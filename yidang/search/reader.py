"""What this process searches: one opened index, opened again after a commit or a switch."""

import threading
from dataclasses import dataclass
from pathlib import Path

import tantivy

from yidang.search import folders
from yidang.search.backend import Borders, IndexDamaged
from yidang.search.finding import Finding
from yidang.search.schema import open_index


@dataclass(frozen=True, slots=True)
class Opened:
    """A state of the index that does not change under a search."""

    searcher: tantivy.Searcher
    seq: int
    generation: str

    def within(self, borders: Borders) -> Finding:
        """A finder for one actor."""
        return Finding(self.searcher, self.generation, borders)


@dataclass(slots=True)
class _Held:
    folder: Path
    index: tantivy.Index
    stamp: int
    snapshot: Opened


_lock = threading.Lock()
_opened: _Held | None = None


def snapshot() -> Opened | None:
    """The newest state; None before anything was indexed.

    :raises IndexDamaged: it cannot be read; the worker builds it anew
    """
    global _opened
    folder = folders.current()
    if folder is None or not (folder / folders.SEGMENTS / "meta.json").exists():
        return None
    held = _opened
    if held is not None and held.folder == folder and held.stamp == folders.stamp(folder):
        return held.snapshot
    with _lock:
        # The place is read before the index is opened: the index may then know more than the place says, never less.
        stamp, place = folders.stamp(folder), folders.read_place(folder)
        same = _opened is not None and _opened.folder == folder
        try:
            index = _opened.index if same and _opened is not None else open_index(folder / folders.SEGMENTS)
            index.reload()
        except ValueError as reason:
            raise IndexDamaged() from reason
        made = Opened(index.searcher(), place.seq, f"{folder.name}.{place.commits}")
        _opened = _Held(folder, index, stamp, made)
        return made
