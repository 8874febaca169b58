"""The first page of each kind of person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yidang.desk import panels


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person today, the most pressing first."""
    actor = request.actor
    shown = panels.panels_for(actor)
    return render(
        request, "desk/home.html", {"main_panels": shown.main, "side_panels": shown.side, "sentence": shown.sentence}
    )
