"""Pages as they are delivered: what is masked is covered before watermark and mark are laid on, in every size alike."""

import io
import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from yidang import digitisation
from yidang.access.mask_models import Mask
from yidang.catalogue.models import Document, Record
from yidang.permissions.reach import Clause

# Those who keep a record by their duty, and those who treat the patient: hiding a line from them may do harm.
_CLEAR = ("care", "emergency")
COVER = (0, 0, 0)


def sees_clear(clause: Clause) -> bool:
    """Whether who comes by this clause is shown a page as it is."""
    return clause.reason in _CLEAR or clause.reason.startswith("duty.")


def is_masked(record: Record, document: int | None = None) -> bool:
    """Whether anything of a record, or of one of its documents, is covered now."""
    live = Mask.objects.filter(record=record, lifted_at=None)
    return live.exists() if document is None else live.filter(document=document).exists()


def to_nobody() -> bool:
    """What is handed out on paper is covered, whoever asks for it."""
    return False


def page_bytes(document: Document, page: int, width: int, *, clear: Callable[[], bool]) -> bytes:
    """The image of a page, covered where it is masked.

    :param clear: whether the reader is shown it as it is; asked only where something is covered
    """
    content = digitisation.page_image(document, page, width).read_bytes()
    live = Mask.objects.filter(record_id=document.record_id, document=document.number, page=page, lifted_at=None)
    places = list(live.values_list("left", "top", "right", "bottom"))
    return covered(content, places) if places and not clear() else content


def covered(content: bytes, places: list[tuple[float, float, float, float]]) -> bytes:
    """An image with rectangles filled before it is packed again: nothing of what stood there is left in it."""
    with Image.open(io.BytesIO(content)) as opened:
        image = opened.convert("RGB")
    brush = ImageDraw.Draw(image)
    for left, top, right, bottom in places:
        brush.rectangle(
            (
                math.floor(left * image.width) - 1, math.floor(top * image.height) - 1,
                math.ceil(right * image.width) + 1, math.ceil(bottom * image.height) + 1,
            ),
            fill=COVER,
        )  # fmt: skip
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()
