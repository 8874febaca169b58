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
                return respond(request, refusal)
        return self.get_response(request)
