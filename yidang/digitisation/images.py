"""Clean page images, rendered once per width and kept in the cache; the watermark is laid on at each opening."""

import logging
import os
import tempfile
import threading
from pathlib import Path

from django.conf import settings

from yidang import formats
from yidang.catalogue.models import Document
from yidang.common.errors import Unavailable
from yidang.digitisation.files import converted, file_of
from yidang.formats import ReadingFailed

# Raised when the renderer draws differently, so that old images are not shown beside new ones.
RENDERER = 1

logger = logging.getLogger(__name__)
_ahead = threading.BoundedSemaphore(1)


class PageNotShown(Unavailable):
    """The page could not be drawn."""

    code = "page_not_shown"


def page_image(document: Document, page: int, width: int) -> Path:
    """The file with the clean image of one page, as JPEG.

    :param page: from 1
    :param width: 320, 800, 1240 or 2000 pixels
    :raises PageNotShown: the document has no such page, or it does not open
    """
    place = _place(document, page, width)
    if not place.exists():
        path, known = file_of(document)
        _draw(path, known, page, width, place, converted(document))
    return place


def draw_ahead(document: Document, page: int, width: int) -> None:
    """Draw a page that its reader will want next, in the background; one at a time, and left out when one is being drawn.

    Only where a page is drawn from the file itself: nobody starts an office suite for what may never be asked.
    """
    place = _place(document, page, width)
    if page > (document.pages or 0) or place.exists() or not _ahead.acquire(blocking=False):
        return
    try:
        path, known = file_of(document)
        if known.kind not in {"pdf", "image"}:
            _ahead.release()
            return
        threading.Thread(target=_draw_quietly, args=(path, known, page, width, place), daemon=True).start()
    except BaseException:
        _ahead.release()
        raise


def _draw_quietly(path: Path, known: formats.Format, page: int, width: int, place: Path) -> None:
    try:
        _draw(path, known, page, width, place, None)
    except (PageNotShown, OSError) as reason:
        # Whoever asks for the page gets the refusal itself.
        logger.info("a page could not be drawn ahead: %s", type(reason).__name__)
    finally:
        _ahead.release()


def _place(document: Document, page: int, width: int) -> Path:
    folder = Path(settings.DATA) / "cache" / "pages" / document.sha256[:2] / document.sha256
    return folder / f"{page}-{width}-{RENDERER}.jpg"


def _draw(path: Path, known: formats.Format, page: int, width: int, place: Path, derived: Path | None) -> None:
    try:
        content = formats.render_page(path, known, page, width, derived=derived, encoding="jpeg")
    except ReadingFailed as failure:
        raise PageNotShown(details=failure.finding.code) from failure
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=place.parent, prefix=".part-")
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
    Path(part).replace(place)
