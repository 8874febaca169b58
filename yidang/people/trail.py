"""No request without its entry: what an act has not written itself is written here, before the answer leaves."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yidang import audit
from yidang.audit.writer import begin_counting, spoke_here
from yidang.common.actor import Actor
from yidang.common.errors import Unavailable, YidangError
from yidang.people.public import is_public, is_quiet
from yidang.ui.errors import respond

logger = logging.getLogger(__name__)


class LogUnavailable(Unavailable):
    """What was done could not be written to the log, so nothing of it leaves."""

    code = "log_unavailable"


class TrailMiddleware:
    """Writes exactly one entry for a request whose act wrote none; without an entry no guarded content leaves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin_counting()
        response = self.get_response(request)
        match = request.resolver_match
        if match is None:
            # No address of ours: nothing was asked that could be told, and strangers must not be able to fill the log.
            return response
        if is_quiet(match.func, match.view_name or ""):
            return response
        try:
            if not spoke_here():
                self._write(request, response.status_code, is_public(match.func, match.view_name or ""))
        except (DatabaseError, OSError, YidangError):
            logger.exception(
                "the log could not be written; the answer to %s %s is held back", request.method, request.path
            )
            # Not close(): that would end the request, and its database connection with it.
            for release in getattr(response, "_resource_closers", ()):
                release()
            refusal = LogUnavailable(
                _("The log cannot be written at the moment, so nothing is shown."),
                remedy=_("Try again in a moment; if it stays so, tell the system administrator."),
            )
            return respond(request, refusal)
        return response

    @staticmethod
    def _write(request: HttpRequest, status: int, public: bool) -> None:
        match, actor = request.resolver_match, _actor(request)
        assert match is not None
        outcome = "failed" if status >= 500 else "refused" if status >= 400 else "done"
        if outcome == "done" and not public and not actor.is_signed_in:
            outcome = "refused"  # sent to the door
        name = (match.view_name or "unnamed").replace(":", ".")
        target = next((str(value) for value in match.kwargs.values()), "")[:100]
        facts: dict[str, Any] = {"method": request.method, "status": status}
        if len(match.kwargs) > 1:
            facts["at"] = {key: str(value)[:100] for key, value in match.kwargs.items()}
        with transaction.atomic():
            audit.write(
                f"web.{name}.seen"[:80], actor=actor, target_kind=(match.app_names or ["web"])[0][:40] if target else "",
                target=target, outcome=outcome, facts=facts,
            )  # fmt: skip


def _actor(request: HttpRequest) -> Actor:
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found
