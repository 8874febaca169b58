"""Writes one folder of the embedded index."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from yidang.catalogue.models import Record
from yidang.search import folders
from yidang.search.backend import Place
from yidang.search.entries import entry_of
from yidang.search.schema import ID, open_index


class FolderWriter:
    """tantivy's writer; it takes room for ``heap`` bytes of entries before they become a segment."""

    def __init__(self, folder: Path, *, heap: int = 50_000_000) -> None:
        self._folder = folder
        self._written = False
        self._writer = open_index(folder / folders.SEGMENTS).writer(heap_size=heap, num_threads=1)

    def remove(self, record_ids: Iterable[int]) -> None:
        """Take out the entries of these records, where they have any."""
        for pk in record_ids:
            self._written = True
            self._writer.delete_documents_by_term(ID, pk)

    def add(self, record: Record, pages: Mapping[int, list[str]]) -> None:
        """Put in the entry of a record that has none."""
        self._written = True
        self._writer.add_document(entry_of(record, pages))

    def commit(self, place: Place) -> None:
        """Show what was written, then note the place."""
        if self._written:
            self._writer.commit()
            self._written = False
        folders.write_place(self._folder, place)

    def close(self) -> None:
        """Let go of the folder when merging is done; what was not committed is followed again."""
        self._writer.wait_merging_threads()
