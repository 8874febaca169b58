"""The edge of an archive that is being moved: reading goes on, everything else is answered with a sentence."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yidang.common import standstill
from yidang.common.errors import YidangError
from yidang.ui.errors import respond

SAFE = {"GET", "HEAD", "OPTIONS"}
# Whoever wants to read must be able to come in and go.
ALWAYS = ("/sign-in/", "/sign-out/", "/language/")
FIXED = ("/static/", "/healthz")
CHUNK, MOST_READ = 1 << 20, 64 << 20


class StandstillMiddleware:
    """Asks the data folder once a request; nothing there means nothing to refuse."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        moving = standstill.read()
        if moving is not None and not request.path.startswith(FIXED):
            try:
                standstill.require_here(moving)
                if request.method not in SAFE and request.path not in ALWAYS:
                    standstill.require_takes_new()
            except YidangError as refusal:
                _hear_out(request)
                return respond(request, refusal)
        return self.get_response(request)


def _hear_out(request: HttpRequest) -> None:
    """Who is still sending hears no answer, only a broken connection: so what is sent is read and dropped, within reason."""
    left = MOST_READ
    while left > 0 and (chunk := request.read(min(left, CHUNK))):
        left -= len(chunk)
