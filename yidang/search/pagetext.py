"""The texts of pages: a derivative, one compressed file for each document, made anew from the vault when it is lost.

The document's row names the file by a mark of its content, so that a copy on any machine is the present text or is not read.
"""

import hashlib
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from yidang.catalogue.models import Document
from yidang.common import clock
from yidang.search import folders
from yidang.vault import sharing

_FORM = 1
YOUNG = 600  # seconds
MARK = 16  # hexadecimal digits of a text's digest


def _folder(public_id: UUID) -> str:
    key = str(public_id)
    return f"{settings.DATA}/derived/text/{key[:2]}/{key[2:4]}/{key}"


def _path(public_id: UUID, document: int, mark: str) -> Path:
    return Path(_folder(public_id), _name(document, mark))


def _name(document: int, mark: str) -> str:
    return f"{document}-{mark}.z" if mark else f"{document}.z"


Guard = Callable[[UUID, int, list[str]], list[str]]
_guards: list[Guard] = []


def guard_texts(guard: Guard) -> None:
    """Called once, at start, by a package above that covers parts of pages: every text goes through it before it is kept."""
    _guards[:] = [guard]


def write_pages(public_id: UUID, document: int, pages: list[str]) -> tuple[str, int]:
    """Keep the texts of a document's pages in their order, here and where other machines find them.

    The file is named by its content and renamed into place when it is flushed: once the row says its mark, every machine
    reads this text and no older one, also after a power cut.

    :returns: the mark for the document's row, and the bytes on disk
    """
    for guard in _guards:
        pages = guard(public_id, document, pages)
    body = json.dumps({"form": _FORM, "pages": pages}, ensure_ascii=False, separators=(",", ":"))
    packed = zlib.compress(body.encode("utf-8", "replace"), 6)
    mark = hashlib.sha256(packed).hexdigest()[:MARK]
    path = _path(public_id, document, mark)
    made = [folder for folder in (path.parent, *path.parents[1:4]) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with beside.open("wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folders.flush(path.parent, *(folder.parent for folder in made))
    sharing.give(path)
    return mark, len(packed)


def read_pages(public_id: UUID, document: int, mark: str) -> list[str] | None:
    """The texts of a document's pages; None when there are none yet, or the file does not read and must be made anew.

    :param mark: as the document's row says
    :raises OSError: the shared place does not answer, so that nobody can say
    """
    try:
        place = f"{_folder(public_id)}/{_name(document, mark)}"
        if mark and not os.path.exists(place) and not sharing.take(Path(place)):  # noqa: PTH110 - as below
            return None
        with open(place, "rb") as packed:  # noqa: PTH123 - twenty of these in each search
            body = json.loads(zlib.decompress(packed.read()))
    except (FileNotFoundError, zlib.error, ValueError):
        return None
    if not isinstance(body, dict) or body.get("form") != _FORM:
        return None
    return [str(page) for page in body["pages"]]


def share(document: Document) -> bool:
    """Give the text that stands here to other machines; one from before texts had marks is given its mark."""
    public_id = document.record.public_id
    if not document.text_mark:
        pages = read_pages(public_id, document.number, "")
        if pages is not None:
            mark, _size = write_pages(public_id, document.number, pages)
            Document.objects.filter(pk=document.pk, text_mark="").update(text_mark=mark)
        return pages is not None
    path = _path(public_id, document.number, document.text_mark)
    if path.is_file():
        sharing.give(path)
    return path.is_file()


def read_documents(public_id: UUID, documents: Iterable[Document]) -> dict[int, list[str]]:
    """The texts of those documents of a record that have any."""
    found = {}
    for document in documents:
        pages = read_pages(public_id, document.number, document.text_mark)
        if pages:
            found[document.number] = pages
    return found


def remove_text(public_id: UUID, document: int, mark: str) -> None:
    """Forget an earlier text of a document, everywhere but on other machines, which prune theirs."""
    path = _path(public_id, document, mark)
    path.unlink(missing_ok=True)
    sharing.withdraw(path)


def prune(public_id: UUID, documents: Iterable[Document]) -> None:
    """Remove texts on this machine that no document says any more.

    A young file may be the one that a row is about to say: it is written before the row is.
    """
    folder = Path(_folder(public_id))
    said = {_name(document.number, document.text_mark) for document in documents}
    before = clock.now().timestamp() - YOUNG
    try:
        for path in folder.iterdir():
            if path.name not in said and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
    except FileNotFoundError:
        return


def remove_record(public_id: UUID) -> None:
    """Forget the texts of a record that is gone, here and where other machines find them."""
    folder = Path(_folder(public_id))
    shutil.rmtree(folder, ignore_errors=True)
    sharing.withdraw(folder)


def disk_use() -> int:
    """Bytes that all page texts take."""
    root = Path(settings.DATA) / "derived" / "text"
    return sum(
        Path(folder, name).stat().st_size
        for folder, _, names in os.walk(root)
        for name in names
        if not name.startswith(".")
    )
