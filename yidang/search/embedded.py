"""The embedded engine: tantivy, a copy of the index in the data folder of each machine."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import tantivy

from yidang.search import building, folders, reader
from yidang.search.backend import Place
from yidang.search.folder_writer import FolderWriter
from yidang.search.schema import SIZE, open_index


@dataclass(frozen=True, slots=True)
class Folder:
    """One edition: a folder with tantivy's files and the note of its place."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    def place(self) -> Place:
        """How far it is."""
        return folders.read_place(self.path)

    def is_readable(self) -> bool:
        """Whether this program made it and can read it; a power cut or a bad disk may have taken a file that it needs."""
        if not folders.of_this_version(self.path) or not (self.path / folders.SEGMENTS / "meta.json").is_file():
            return False
        try:
            open_index(self.path / folders.SEGMENTS)
        except ValueError:
            return False
        return True

    def writer(self) -> FolderWriter:
        """A writer, which keeps little in memory."""
        return FolderWriter(self.path)

    def fill(self, tell: Callable[[int], None] | None) -> dict[str, str]:
        """Put in every record."""
        return building.fill_folder(self, self.path, tell)

    def entries(self) -> int:
        """How many it has."""
        return open_index(self.path / folders.SEGMENTS).searcher().num_docs

    def sizes(self) -> tuple[int, int]:
        """Bytes and characters."""
        searcher = open_index(self.path / folders.SEGMENTS).searcher()
        total = searcher.aggregate(tantivy.Query.all_query(), {"size": {"sum": {"field": SIZE}}})["size"]["value"]
        return folders.size_on_disk(self.path), int(total or 0)


class Embedded:
    """The engine of every installation so far."""

    def held(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock among all processes of this data folder."""
        return folders.held(name)

    def current(self) -> Folder | None:
        """The folder that is searched."""
        path = folders.current()
        return Folder(path) if path else None

    def fresh(self) -> Folder:
        """An empty folder."""
        folders.remove_unfinished()
        return Folder(folders.fresh())

    def switch(self, edition: Folder) -> None:
        """Search this folder from now on."""
        folders.make_current(edition.path)

    def tidy(self) -> None:
        """Remove older folders; a reader that still has one open keeps its files."""
        path = folders.current()
        if path is not None:
            folders.remove_older(path)

    def snapshot(self) -> reader.Opened | None:
        """The newest state; None before anything was indexed."""
        return reader.snapshot()
