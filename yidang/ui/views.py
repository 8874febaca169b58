"""The living pattern page and the remembered choice of columns."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from yidang.ui import samples
from yidang.ui.context import actor_of
from yidang.ui.language import YEAR, back_to
from yidang.ui.tables import COLUMNS_COOKIE


@require_GET
def patterns(request: HttpRequest) -> HttpResponse:
    """Every component as it is, in both themes; for people who are signed in, and while developing."""
    if not (settings.DEBUG or actor_of(request).is_signed_in):
        raise Http404
    return render(request, "ui/patterns.html", samples.context(request))


@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Remember which columns of a table this browser shows."""
    table = request.POST.get("table", "")
    response = HttpResponseRedirect(back_to(request))
    if re.fullmatch(r"[a-z][a-z0-9-]{0,40}", table):
        keys = [key for key in request.POST.getlist("column") if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", key)]
        response.set_cookie(
            COLUMNS_COOKIE + table,
            ".".join(keys),
            max_age=YEAR,
            samesite="Lax",
            secure=bool(getattr(settings, "HTTPS", False)),
            httponly=True,
        )
    return response
