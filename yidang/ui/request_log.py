"""One line of the program's log for every answer: which route, how long, what outcome; never what was asked for."""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yidang.common import draining, request_figures
from yidang.common.program_log import REQUESTS, request_id
from yidang.common.statements import tally

log = logging.getLogger(REQUESTS)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class RequestLogMiddleware:
    """Gives each request a number, which its answer and all its log lines carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number, started = uuid4().hex, time.perf_counter()
        token = request_id.set(number)
        tally.begin()
        try:
            response = self.get_response(request)
            response.headers["X-Request-Id"] = number
            if draining.is_draining():  # the next question goes to the process that follows
                response.headers["Connection"] = "close"
            if not request.path.startswith(settings.STATIC_URL):
                self._write(request, response.status_code, (time.perf_counter() - started) * 1000)
        finally:
            request_id.reset(token)
        return response

    @staticmethod
    def _write(request: HttpRequest, status: int, milliseconds: float) -> None:
        actor, match = getattr(request, "actor", None), request.resolver_match
        # The route as it is declared: the address itself may hold words that somebody typed.
        route = match.route if match else "(no such address)"
        method = request.method if request.method in METHODS else "other"
        request_figures.REQUESTS.add(route, str(method), status, milliseconds / 1000)
        facts = {
            "route": route,
            "method": method,
            "status": status,
            "milliseconds": round(milliseconds, 1),
            "statements": tally.count,
            "database_milliseconds": round(tally.seconds * 1000, 1),
            "actor_kind": actor.kind if actor else "",
            "actor_id": actor.user_id if actor else None,
        }
        log.log(logging.ERROR if status >= 500 else logging.INFO, "request answered", extra={"facts": facts})
