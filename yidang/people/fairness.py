"""One person cannot slow the others: costly calls are counted by person, whichever way they come, and so many a minute.

Kept in memory: what must be stopped is a flood at this process, and a count in the database would make each call dearer.
Of several web machines each counts for itself. Signing in has limits of its own, see ``limits``.
"""

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import Unavailable
from yidang.ui.errors import respond

# More people than this at once are not expected; beyond it those who rest are forgotten.
MOST_KNOWN = 20_000


@dataclass(frozen=True)
class Costly:
    """A kind of costly call.

    :param share: how many a minute, as a part of the setting
    :param at_once: how many of one person's may be under way
    """

    paths: re.Pattern[str]
    share: float
    at_once: int
    only_post: bool = False


KINDS = {
    "search": Costly(re.compile(r"/search/(preview/.*)?|/api/v1/search|/records/[0-9a-f-]+/hits/"), 1, 4),
    "suggest": Costly(re.compile(r"/search/suggest/"), 4, 4),
    "export": Costly(re.compile(r"/search/export/|/catalogue/classes/[^/]+/print/"), 0.1, 1),
    "output": Costly(re.compile(r"/continuity/packs/new/|/records/.*/print/|/health/bundles/"), 0.1, 1, only_post=True),
    "recognition": Costly(re.compile(r"/texts/\d+/again/|/records/.*/recognition/"), 0.25, 1, only_post=True),
}


class TooMuchAtOnce(Unavailable):
    """One person asks more than is left for everybody."""

    code = "too_much_at_once"
    default_message = gettext_lazy("You ask for more at once than one person may, so that the others need not wait.")


class Allowances:
    """Who has how much left: full at first, filled again evenly, and how many calls are under way."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        self._going: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str], float] = {}

    def begin(self, who: str, kind: str, *, per_minute: float, at_once: int, now: float) -> int:
        """Count a call; 0 when it may go on, otherwise the seconds to wait."""
        key = (who, kind)
        with self._mutex:
            left, since = self._left.get(key, (max(1.0, per_minute), now))
            left = min(max(1.0, per_minute), left + (now - since) * per_minute / 60)
            self._left[key] = (left, now)
            if self._going.get(key, 0) >= at_once:
                return 1
            if left < 1:
                return math.ceil((1 - left) * 60 / per_minute)
            self._left[key] = (left - 1, now)
            self._going[key] = self._going.get(key, 0) + 1
            if len(self._left) > MOST_KNOWN:
                self._left = {one: kept for one, kept in self._left.items() if now - kept[1] < 60}
        return 0

    def is_news(self, who: str, kind: str, *, now: float) -> bool:
        """Whether this refusal is the first in a minute: a flood must not fill the log either."""
        with self._mutex:
            self._told = {one: at for one, at in self._told.items() if now - at < 60}
            if (who, kind) in self._told:
                return False
            self._told[(who, kind)] = now
            return True

    def end(self, who: str, kind: str) -> None:
        """A call that began has ended."""
        key = (who, kind)
        with self._mutex:
            self._going[key] -= 1
            if not self._going[key]:
                del self._going[key]


allowances = Allowances()


def kind_of(request: HttpRequest) -> str:
    """Which kind of costly call this is; empty for all others."""
    for name, kind in KINDS.items():
        if (not kind.only_post or request.method == "POST") and kind.paths.fullmatch(request.path):
            return name
    return ""


class FairnessMiddleware:
    """Stands behind the one that finds out who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor: Actor = request.actor
        who, kind = actor.on_behalf_of or actor.username, kind_of(request)
        if not kind or not actor.is_signed_in or not settings.COSTLY_PER_MINUTE:
            return self.get_response(request)
        costly, now = KINDS[kind], time.monotonic()
        wait = allowances.begin(
            who, kind, per_minute=settings.COSTLY_PER_MINUTE * costly.share, at_once=costly.at_once, now=now
        )
        if wait:
            if allowances.is_news(who, kind, now=now):
                with transaction.atomic():
                    audit.write("people.calls.refused", actor=actor, outcome="refused", facts={"kind": kind})
            remedy = _("Wait %(seconds)d seconds, then go on.") % {"seconds": wait}
            response = respond(request, TooMuchAtOnce(remedy=remedy))
            response["Retry-After"] = str(wait)
            return response
        try:
            return self.get_response(request)
        finally:
            allowances.end(who, kind)
