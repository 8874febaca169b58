"""Who can what, and why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from yidang.common.errors import NotFound, YidangError
from yidang.permissions import audience, explaining
from yidang.ui.errors import status_of

ACTIONS = [
    ("see", _("see the entry")),
    ("view", _("view the pages")),
    ("print", _("print")),
    ("copy", _("download the original")),
    ("describe", _("describe")),
    ("accept", _("accept")),
]


@require_GET
def explain(request: HttpRequest) -> HttpResponse:
    """One question and its answer."""
    if not explaining.may_ask_about_others(request.actor):
        raise NotFound()
    record, action, user = (request.GET.get(name, "") for name in ("record", "action", "user"))
    told = error = None
    ways: list[tuple[audience.Way, str]] = []
    if record:
        try:
            told = explaining.explain_for(request.actor, record=record, action=action or "view", username=user)
            found = audience.who_can(request.actor, record=record, action=action or "view")
            ways = [(way, str(explaining.SENTENCES.get(way.reason, way.reason))) for way in found]
        except YidangError as refused:
            error = refused
    context = {
        "told": told,
        "ways": ways,
        "actor_keeps": request.actor.has_duty("archivist", "records_clerk"),
        "error": error,
        "record": record,
        "action": action or "view",
        "user": user,
        "actions": ACTIONS,
    }
    return render(request, "permissions/explain.html", context, status=status_of(error) if error else 200)
