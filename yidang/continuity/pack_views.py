"""Century packs 百年包: asked for, watched, taken."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, Unavailable
from yidang.continuity import packs, policy
from yidang.continuity.forms import PackForm
from yidang.continuity.models import PackRun
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast
from yidang.vault.policy import keeps_copies


@require_GET
def packs_made(request: HttpRequest) -> HttpResponse:
    """The packs that one asked for, the newest first."""
    policy.require_makes_packs(request.actor)
    mine = PackRun.objects.filter(asked_by_id=request.actor.user_id)
    page = page_of_request(request, mine, order_by=("-asked_at", "-id"))
    rows = [(run, _words(run.selection, request)) for run in page.items]
    going = any(run.finished_at is None for run in page.items)
    context = {
        "page": page, "rows": rows, "going": going, "days": packs.KEPT.days, "tab": "packs", "makes_packs": True,
        "keeps_copies": keeps_copies(request.actor),
    }  # fmt: skip
    return render(request, "continuity/packs.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose what a pack holds: ``?query=`` brings a search along, ``?record=`` a volume."""
    policy.require_makes_packs(request.actor)
    language = get_language() or "zh-hans"
    given = request.POST if request.method == "POST" else None
    form = PackForm(given, initial=request.GET.dict(), language=language)
    refusal, weighed = None, None
    asked = PackForm(given if given is not None else request.GET, language=language)
    if asked.is_valid():
        try:
            if request.method == "POST" and "make" in request.POST:
                packs.ask_pack(asked.selection, actor=request.actor, now=clock.now())
                toast(request, _("The pack is being made; it can be taken from this page when it is whole."), "ok")
                return HttpResponseRedirect(reverse("continuity:packs"))
            weighed = packs.weigh(packs.chosen(asked.selection, actor=request.actor))
        except (InvalidInput, Unavailable) as error:
            refusal = f"{error} {error.remedy}".strip()
    context: dict[str, Any] = {
        "form": form, "weighed": weighed, "refusal": refusal,
        "words": _words(asked.selection, request) if asked.is_valid() else "",
    }  # fmt: skip
    return render(request, "continuity/pack.html", context, status=422 if refusal or form.errors else 200)


@require_GET
def file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The pack as one file."""
    run = PackRun.objects.filter(pk=number).first()
    if run is None:
        raise NotFound()
    place = packs.take(run, actor=request.actor, now=clock.now())
    response = FileResponse(place.open("rb"), as_attachment=True, filename=place.name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _words(selection: dict[str, Any], request: HttpRequest) -> str:
    """A selection in the reader's words."""
    said = []
    if public_id := selection.get("record"):
        found = Record.objects.visible_to(request.actor).filter(public_id=public_id).first()
        said.append(f"{found} {found.title}" if found else _("one record"))
    if selection.get("query"):
        said.append(_("hits of a search"))
    if selection.get("class"):
        said.append(str(selection["class"]))
    if selection.get("year"):
        said.append(str(selection["year"]))
    return " · ".join(said) or _("everything that you may copy")
