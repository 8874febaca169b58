"""The shell's style sheets as one answer and its scripts as another: two requests instead of fifty, kept by the browser for good."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yidang.ui import assets

STATIC = Path(__file__).resolve().parent / "static"
KINDS = {
    "css": (assets.STYLESHEETS, "text/css; charset=utf-8", b"\n"),
    # A script may end without a semicolon; the next one must not become its argument.
    "js": (assets.SCRIPTS, "text/javascript; charset=utf-8", b"\n;\n"),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is sent; the digest stands in its address, so that an upgrade is seen at once."""

    digest: str
    content_type: str
    body: bytes
    packed: bytes


def bundle(kind: str) -> Bundle:
    """The bundle of ``css`` or ``js``, made again when one of its files has changed."""
    files = tuple(STATIC / name for name in KINDS[kind][0])
    return _made(kind, tuple(file.stat().st_mtime_ns for file in files))


@lru_cache(maxsize=4)
def _made(kind: str, _changed: tuple[int, ...]) -> Bundle:
    names, content_type, between = KINDS[kind]
    body = between.join((STATIC / name).read_bytes() for name in names) + b"\n"
    return Bundle(hashlib.sha256(body).hexdigest()[:16], content_type, body, gzip.compress(body, 9, mtime=0))


@require_GET
def serve(request: HttpRequest, digest: str, kind: str) -> HttpResponse:
    """The shell's own files hold nothing of anybody: anyone may have them, under their present address alone."""
    if kind not in KINDS or digest != bundle(kind).digest:
        raise Http404
    made = bundle(kind)
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(made.packed if packs else made.body, content_type=made.content_type)
    if packs:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
