"""Clean page images, rendered once per width and kept in the cache; the watermark is laid on at each opening."""

import os
import tempfile
from pathlib import Path

from django.conf import settings

from yidang import formats
from yidang.catalogue.models import Document
from yidang.common.errors import Unavailable
from yidang.digitisation.files import converted, file_of
from yidang.formats import ReadingFailed

# Raised when the renderer draws differently, so that old images are not shown beside new ones.
RENDERER = 1


class PageNotShown(Unavailable):
    """The page could not be drawn."""

    code = "page_not_shown"


def page_image(document: Document, page: int, width: int) -> Path:
    """The file with the clean image of one page, as JPEG.

    :param page: from 1
    :param width: 320, 800, 1240 or 2000 pixels
    :raises PageNotShown: the document has no such page, or it does not open
    """
    folder = Path(settings.DATA) / "cache" / "pages" / document.sha256[:2] / document.sha256
    place = folder / f"{page}-{width}-{RENDERER}.jpg"
    if place.exists():
        return place
    path, known = file_of(document)
    try:
        content = formats.render_page(path, known, page, width, derived=converted(document), encoding="jpeg")
    except ReadingFailed as failure:
        raise PageNotShown(details=failure.finding.code) from failure
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=folder, prefix=".part-")
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
    Path(part).replace(place)
    return place
