"""The texts of pages: a derivative, one compressed file for each document, made anew from the vault when it is lost."""

import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from yidang.search import folders

_FORM = 1


def _folder(public_id: UUID) -> str:
    key = str(public_id)
    return f"{settings.DATA}/derived/text/{key[:2]}/{key[2:4]}/{key}"


def _path(public_id: UUID, document: int) -> Path:
    return Path(_folder(public_id), f"{document}.z")


Guard = Callable[[UUID, int, list[str]], list[str]]
_guards: list[Guard] = []


def guard_texts(guard: Guard) -> None:
    """Called once, at start, by a package above that covers parts of pages: every text goes through it before it is kept."""
    _guards[:] = [guard]


def write_pages(public_id: UUID, document: int, pages: list[str]) -> int:
    """Keep the texts of a document's pages in their order; returns the bytes on disk.

    The file is flushed and renamed into place, so a reader sees the old text or the new one, also after a power cut: the row
    says «ready» from then on, and nobody would make the text anew.
    """
    for guard in _guards:
        pages = guard(public_id, document, pages)
    path = _path(public_id, document)
    made = [folder for folder in (path.parent, *path.parents[1:4]) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    body = json.dumps({"form": _FORM, "pages": pages}, ensure_ascii=False, separators=(",", ":"))
    packed = zlib.compress(body.encode("utf-8", "replace"), 6)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with beside.open("wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folders.flush(path.parent, *(folder.parent for folder in made))
    return len(packed)


def read_pages(public_id: UUID, document: int) -> list[str] | None:
    """The texts of a document's pages; None when there are none yet, or the file does not read and must be made anew."""
    try:
        with open(f"{_folder(public_id)}/{document}.z", "rb") as packed:  # noqa: PTH123 - twenty of these in each search
            body = json.loads(zlib.decompress(packed.read()))
    except (FileNotFoundError, zlib.error, ValueError):
        return None
    if not isinstance(body, dict) or body.get("form") != _FORM:
        return None
    return [str(page) for page in body["pages"]]


def read_record(public_id: UUID, documents: Iterable[int]) -> dict[int, list[str]]:
    """The texts of those documents of a record that have any."""
    found = {}
    for number in documents:
        pages = read_pages(public_id, number)
        if pages:
            found[number] = pages
    return found


def remove_record(public_id: UUID) -> None:
    """Forget the texts of a record that is gone."""
    folder = _path(public_id, 0).parent
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def disk_use() -> int:
    """Bytes that all page texts take."""
    root = Path(settings.DATA) / "derived" / "text"
    return sum(
        Path(folder, name).stat().st_size
        for folder, _, names in os.walk(root)
        for name in names
        if not name.startswith(".")
    )
