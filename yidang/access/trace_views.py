"""溯源: a screenshot or photo is handed in, and the opening that it came from is named."""

import io
import tempfile
from pathlib import Path

import numpy as np
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from PIL import Image

from yidang import audit, formats
from yidang.access.models import Opening
from yidang.access.trace_reading import Trace, read_trace
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.digests import digest_bytes
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.formats.types import ReadingFailed

LARGEST = 30 << 20
_WIDTH = 1600


@require_http_methods(["GET", "POST"])
def trace(request: HttpRequest) -> HttpResponse:
    """The form, and who opened the page that a picture shows."""
    _require_tracer(request.actor)
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            context = {"asked": True, **_answer(request.FILES.get("picture"), request.actor)}
        except InvalidInput as refused:
            context = {"refusal": refused}
    return render(request, "access/trace.html", context, status=422 if "refusal" in context else 200)


def may_trace(actor: Actor) -> bool:
    """Archivists, and the administrators who look into misuse."""
    return actor.kind == "person" and actor.has_duty("archivist", "security_admin", "audit_admin")


def _require_tracer(actor: Actor) -> None:
    if not may_trace(actor):
        raise NotAllowed(_("Only the archive room and the security and audit administrators trace pictures."))


def _answer(picture: UploadedFile | None, actor: Actor) -> dict[str, object]:
    if picture is None or not picture.size or picture.size > LARGEST:
        raise InvalidInput(_("Choose a picture of at most 30 MB."), field="picture")
    content = picture.read()
    found = read_trace(_grey(content))
    opening = _opening(found)
    now = clock.now()
    with transaction.atomic():
        audit.write(
            "access.picture.traced", actor=actor, target_kind="opening", now=now,
            target=opening.public_id if opening else "", outcome="done" if opening else "failed",
            facts={"sha256": digest_bytes(content).sha256, "score": round(found.score, 1) if found else 0},
        )  # fmt: skip
    return {"opening": opening, "score": found.score if found else 0}


def _opening(found: Trace | None) -> Opening | None:
    if found is None:
        return None
    return Opening.objects.select_related("user", "record", "printout").filter(pk=found.number).first()


def _grey(content: bytes) -> np.ndarray:
    """The picture as grey levels; what a stranger sent is decoded in the cage.

    :raises InvalidInput: it is no picture that opens
    """
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(content)
        kept.flush()
        path = Path(kept.name)
        known = formats.identify(path, "picture")
        try:
            if known.kind not in ("image", "pdf"):
                raise InvalidInput(_("This file is not a picture."), field="picture")
            decoded = formats.render_page(path, known, 1, _WIDTH, encoding="png")
        except ReadingFailed as failed:
            raise InvalidInput(_("This picture does not open."), field="picture") from failed
    return np.asarray(Image.open(io.BytesIO(decoded)).convert("L"))
