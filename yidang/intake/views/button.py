"""The script that an OA's page includes."""

from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse

from yidang.people.public import public

SCRIPT = Path(__file__).resolve().parent.parent / "static" / "intake" / "filing-button.js"


@cache
def _content() -> bytes:
    return SCRIPT.read_bytes()


@public
def script(request: HttpRequest) -> HttpResponse:
    """The filing button; it holds no secret, and any page may load it."""
    response = HttpResponse(_content(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
