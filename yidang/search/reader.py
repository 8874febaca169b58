"""What this process searches: one opened index, opened again after a commit or a switch."""

import threading
from dataclasses import dataclass
from pathlib import Path

import tantivy
from django.utils.translation import gettext_lazy as _

from yidang.common.errors import Unavailable
from yidang.search import folders
from yidang.search.schema import open_index


class IndexDamaged(Unavailable):
    """The index on disk cannot be read, and must not answer with fewer hits than there are."""

    code = "index_damaged"
    default_message = _("The search index cannot be read and is built anew; nothing of the archive is lost.")
    default_remedy = _("Search again in a few minutes; the list of records works meanwhile.")


class IndexMissing(IndexDamaged):
    """There is no index where there are records: it must not answer with no hits."""

    code = "index_missing"
    default_message = _("The search index of this machine is being built; nothing of the archive is lost.")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state of the index that does not change under a search.

    :param seq: every change of the feed up to this one is in it, perhaps later ones too
    :param generation: differs for each commit and folder
    """

    searcher: tantivy.Searcher
    seq: int
    generation: str


@dataclass(slots=True)
class _Opened:
    folder: Path
    index: tantivy.Index
    stamp: int
    snapshot: Snapshot


_lock = threading.Lock()
_opened: _Opened | None = None


def snapshot() -> Snapshot | None:
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
        made = Snapshot(index.searcher(), place.seq, f"{folder.name}.{place.commits}")
        _opened = _Opened(folder, index, stamp, made)
        return made
