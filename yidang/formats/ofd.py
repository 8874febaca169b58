"""OFD (GB/T 33190): the package, its documents, pages, resources and text. Runs inside the cage."""

import functools
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from yidang.formats import xml_reader
from yidang.formats.findings import finding
from yidang.formats.lines import join_lines
from yidang.formats.source import Source
from yidang.formats.types import PageText, ReadingFailed
from yidang.formats.xml_reader import local

_MOST_MEMBER = 48 << 20
_MOST_OBJECTS = 200_000
_OBJECTS = {"TextObject", "PathObject", "ImageObject", "CompositeObject"}
A4 = (0.0, 0.0, 210.0, 297.0)
Box = tuple[float, float, float, float]


def numbers(text: str | None) -> list[float]:
    """The numbers of an attribute; what is no number is left out."""
    found = []
    for part in (text or "").split():
        try:
            found.append(float(part))
        except ValueError:
            continue
    return [number if -1e6 < number < 1e6 else 0.0 for number in found]


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of a name, whatever its namespace (files in use carry several)."""
    return next((part for part in element if local(part) == name), None) if element is not None else None


def children(element: etree._Element | None, name: str) -> list[etree._Element]:
    """All children of a name."""
    return [part for part in element if local(part) == name] if element is not None else []


def text_in(element: etree._Element | None, name: str) -> str:
    """The text of a child, or nothing."""
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


@dataclass(frozen=True)
class Page:
    """One page: where its content stands and which document it is of."""

    path: str
    identifier: str
    document: "Document"


class Package:
    """The zip of an OFD, its members found by the ways in which they refer to each other."""

    def __init__(self, source: Source) -> None:
        try:
            self.archive = zipfile.ZipFile(source.file())
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error
        self._names = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in self.archive.infolist()}

    def find(self, path: str, beside: str = "") -> str:
        """The full name of a member that is referred to from another; empty if it is not there."""
        path = path.replace("\\", "/").strip()
        folder = posixpath.dirname(beside)
        tried = [path.lstrip("/")] if path.startswith("/") else [posixpath.join(folder, path), path]
        while folder:
            folder = posixpath.dirname(folder)
            tried.append(posixpath.join(folder, path.lstrip("/")))
        for name in tried:
            name = posixpath.normpath(name).lstrip("/")
            if not name.startswith("..") and name.lower() in self._names:
                return name
        return ""

    def read(self, name: str) -> bytes:
        """The bytes of a member.

        :raises ReadingFailed: it is damaged or too large
        """
        info = self._names[name.lower()]
        if info.file_size > _MOST_MEMBER:
            raise ReadingFailed(finding("reader_memory"))
        try:
            return self.archive.read(info)
        except Exception as error:  # zip readers throw many kinds on damaged data
            raise ReadingFailed(finding("broken", reason=f"{name}: {error}"[:120])) from error

    def xml(self, name: str) -> etree._Element:
        """A member as XML."""
        return xml_reader.parse(self.read(name), forgiving=True)

    @functools.cached_property
    def documents(self) -> list["Document"]:
        """The documents of the package, in order."""
        main = self.find("OFD.xml")
        if not main:
            raise ReadingFailed(finding("broken", reason="OFD.xml is missing"))
        found = []
        for body in children(self.xml(main), "DocBody"):
            root = self.find(text_in(body, "DocRoot"), main)
            if root:
                found.append(Document(self, root, self.find(text_in(body, "Signatures"), main)))
        if not found:
            raise ReadingFailed(finding("broken", reason="no document inside"))
        return found

    @property
    def pages(self) -> list[Page]:
        """All pages of all documents."""
        return [page for document in self.documents for page in document.pages]


class Document:
    """One document: pages, templates, fonts, images, drawing parameters."""

    def __init__(self, package: Package, path: str, signatures: str) -> None:
        self.package, self.path, self.signatures = package, path, signatures
        self.root = package.xml(path)
        self.common = child(self.root, "CommonData")
        self.default_box = self._box(child(self.common, "PageArea")) or A4
        self.fonts: dict[str, etree._Element] = {}
        self.media: dict[str, str] = {}
        self.parameters: dict[str, etree._Element] = {}
        self.composites: dict[str, etree._Element] = {}
        for name in ("PublicRes", "DocumentRes"):
            for part in children(self.common, name):
                self.add_resources(package.find((part.text or "").strip(), path))
        self.templates = {
            part.get("ID", ""): package.find(part.get("BaseLoc", ""), path)
            for part in children(self.common, "TemplatePage")
        }

    @functools.cached_property
    def pages(self) -> list[Page]:
        """The pages whose content is there."""
        found = []
        for part in children(child(self.root, "Pages"), "Page"):
            path = self.package.find(part.get("BaseLoc", ""), self.path)
            if path:
                found.append(Page(path, part.get("ID", ""), self))
        return found

    def add_resources(self, path: str) -> None:
        """Read a list of resources; one that is damaged is as good as absent."""
        if not path:
            return
        root = self.package.xml(path)
        base = root.get("BaseLoc", "")
        for element in root.iter():
            name, identifier = local(element), element.get("ID", "")
            if name == "Font":
                self.fonts[identifier] = element
            elif name == "DrawParam":
                self.parameters[identifier] = element
            elif name == "CompositeGraphicUnit":
                self.composites[identifier] = element
            elif name == "MultiMedia":
                file = text_in(element, "MediaFile")
                self.media[identifier] = self.package.find(posixpath.join(base, file), path) or self.package.find(
                    file, path
                )

    @staticmethod
    def _box(area: etree._Element | None) -> Box | None:
        for name in ("PhysicalBox", "ApplicationBox"):
            box = numbers(text_in(area, name))
            if len(box) == 4 and box[2] > 0 and box[3] > 0:
                return (box[0], box[1], box[2], box[3])
        return None

    def box(self, root: etree._Element) -> Box:
        """The size of a page in millimetres."""
        return self._box(child(root, "Area")) or self.default_box

    def annotations(self, page: Page) -> Iterator[etree._Element]:
        """The appearances laid over a page."""
        listing = self.package.find(text_in(self.root, "Annotations"), self.path)
        if not listing:
            return
        for entry in children(self.package.xml(listing), "Page"):
            if entry.get("PageID") != page.identifier:
                continue
            path = self.package.find(text_in(entry, "FileLoc"), listing)
            for annotation in children(self.package.xml(path), "Annot") if path else ():
                if annotation.get("Visible", "true") != "false":
                    yield from children(annotation, "Appearance")

    def layers(self, page: Page) -> Iterator[etree._Element]:
        """What is drawn, from back to front: templates behind, content, templates before."""
        root = self.package.xml(page.path)
        behind, before = [], []
        for template in children(root, "Template"):
            path = self.templates.get(template.get("TemplateID", ""), "")
            if path:
                (before if template.get("ZOrder") == "Foreground" else behind).append(self.package.xml(path))
        for part in (*behind, root, *before):
            yield from children(child(part, "Content"), "Layer")


def objects(container: etree._Element) -> Iterator[etree._Element]:
    """The drawn things of a layer, those in blocks as well, in order."""
    for count, element in enumerate(container.iter()):
        if count > _MOST_OBJECTS:
            return
        if local(element) in _OBJECTS:
            yield element


def _lines(document: Document, page: Page) -> str:
    """The text of a page: pieces on one height form a line, from top to bottom."""
    placed: list[tuple[float, float, str]] = []
    containers: list[Any] = [*document.layers(page), *document.annotations(page)]
    for container in containers:
        for thing in objects(container):
            if local(thing) != "TextObject":
                continue
            box = numbers(thing.get("Boundary")) or [0.0, 0.0]
            for code in children(thing, "TextCode"):
                across = (numbers(code.get("X")) or [0.0])[0] + box[0]
                down = (numbers(code.get("Y")) or [0.0])[0] + (box[1] if len(box) > 1 else 0.0)
                text = "".join(code.itertext())
                if text.strip():
                    placed.append((down, across, text))
    placed.sort(key=lambda piece: piece[0])
    lines: list[list[tuple[float, str]]] = []
    height = -1e9
    for down, across, text in placed:
        if down - height > 1.2:
            lines.append([])
            height = down
        lines[-1].append((across, text))
    return "\n".join(_line(sorted(line)) for line in lines)


def _line(pieces: list[tuple[float, str]]) -> str:
    """Single characters placed one by one are a word; longer pieces stand apart."""
    parts: list[str] = []
    for _across, text in pieces:
        if parts and len(text.strip()) > 1 and len(parts[-1].strip()) > 1:
            parts.append(" ")
        parts.append(text)
    return "".join(parts)


def text(source: Source) -> list[PageText]:
    """The text of every page."""
    found = []
    for number, page in enumerate(Package(source).pages, 1):
        lines = join_lines(_lines(page.document, page))
        silent = not lines.strip() and bool(page.document.media)
        found.append(PageText(number, lines, "none" if silent else "text"))
    return found
