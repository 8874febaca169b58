"""What a person keeps of searching: questions, told of what is new, and records."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, YidangError
from yidang.search import actions, following
from yidang.search import favourites as kept_records
from yidang.search.models import SavedSearch
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


def _reader(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_signed_in or actor.is_administrator:
        raise NotAllowed()
    return actor


def _back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """To the record's page, which asked, or to the list."""
    return (
        redirect("access:record", public_id) if request.POST.get("from") == "record" else redirect("search:favourites")
    )


@require_GET
def saved(request: HttpRequest) -> HttpResponse:
    """The person's own saved searches."""
    page = page_of_request(
        request, SavedSearch.objects.filter(user_id=_reader(request).user_id), order_by=("name", "id")
    )
    return render(request, "search/saved.html", {"page": page, "tab": "saved", "most": following.MOST})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present question under a name."""
    query = request.POST.get("query", "")
    try:
        kept = actions.save_search(actor=_reader(request), name=request.POST.get("name", ""), query=query)
    except YidangError as refusal:
        context = {"refusal": refusal, "name": request.POST.get("name", ""), "parameters": query}
        return render(request, "search/save.html", context, status=422)
    toast(request, _("«%(name)s» is saved.") % {"name": kept.name}, "ok")
    return redirect(f"/search/?{kept.query}")


@require_GET
def open_saved(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask a saved question; what it finds is no longer new."""
    opened = following.looked_at(public_id, actor=_reader(request))
    return redirect(f"{reverse('search:results')}?{following.newest_first(opened).parameters}")


@require_POST
def follow(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Be told of new hits, or no longer."""
    wanted = request.POST.get("wanted") == "yes"
    one = following.follow(public_id, actor=_reader(request), wanted=wanted)
    said = (
        _("Your desk says when something new answers «%(name)s».")
        if wanted
        else _("You are no longer told of «%(name)s».")
    )
    toast(request, said % {"name": one.name}, "ok")
    return redirect("search:saved")


@require_POST
def remove_saved(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget a saved search."""
    actions.remove_saved_search(public_id, actor=_reader(request))
    toast(request, _("The saved search is removed."), "ok")
    return redirect("search:saved")


@require_GET
def favourites(request: HttpRequest) -> HttpResponse:
    """The records that the person keeps at hand, the latest first."""
    page = page_of_request(request, kept_records.of(_reader(request)), order_by=("-created_at", "-id"))
    return render(request, "search/favourites.html", {"page": page, "tab": "favourites"})


@require_POST
def keep(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep a record at hand, or write another note to it."""
    noted = "note" in request.POST
    try:
        kept_records.keep(public_id, actor=_reader(request), note=request.POST.get("note"))
    except YidangError as refusal:
        if not noted:
            raise
        toast(request, f"{refusal} {refusal.remedy}", "bad")
        return redirect("search:favourites")
    toast(request, _("The note is kept.") if noted else _("Kept in your favourites."), "ok")
    return _back(request, public_id)


@require_POST
def drop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep it no longer."""
    kept_records.drop(public_id, actor=_reader(request))
    toast(request, _("No longer in your favourites."), "ok")
    return _back(request, public_id)
