"""The texts of a scan while it is being recognised: one line for each finished page, kept until all are done.

The job's row says how many pages count; a line that was written beyond it, or half, is done again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from yidang.catalogue.models import Document


class Texts(list[str]):
    """The texts of the pages so far; what is appended stands in the file at once."""

    def __init__(self, known: list[str], file: IO[str]) -> None:
        super().__init__(known)
        self._file = file

    def append(self, text: str) -> None:
        """Add the next page's text."""
        super().append(text)
        self._file.write(json.dumps(text, ensure_ascii=False) + "\n")
        self._file.flush()


def _place(document: Document) -> Path:
    key = str(document.record.public_id)
    return Path(settings.DATA) / "derived" / "recognising" / f"{key}-{document.number}.jsonl"


@contextmanager
def pages_so_far(document: Document, done: int) -> Iterator[Texts]:
    """The texts of the pages that count as done; fewer when the file was lost, since a derivative may be deleted."""
    place = _place(document)
    place.parent.mkdir(parents=True, exist_ok=True)
    known = _read(place)[:done]
    with place.open("w", encoding="utf-8") as file:
        texts = Texts([], file)
        for text in known:
            texts.append(text)
        yield texts


def _read(place: Path) -> list[str]:
    texts: list[str] = []
    if place.exists():
        for line in place.read_text(encoding="utf-8").splitlines():
            try:
                texts.append(str(json.loads(line)))
            except ValueError:
                break  # half a line: the process ended while it wrote
    return texts


def forget(document: Document) -> None:
    """All pages are in the index now."""
    _place(document).unlink(missing_ok=True)
