"""The page about texts: what is pending, what could not be read, and asking for it again."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.catalogue import policy
from yidang.catalogue.models import Document, Record, among
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, WrongState, YidangError
from yidang.digitisation import actions, queries
from yidang.digitisation.models import LateFinding
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Counts by state, and the documents that could not be read."""
    if not request.actor.has_duty("archivist"):
        raise NotFound()
    visible = Document.objects.filter(among(Record.objects.visible_to(request.actor)))
    counts = dict(visible.values_list("text_state").annotate(n=Count("id")).order_by())
    failed = visible.filter(text_state__in=["failed", "pending"]).select_related("record")
    page = page_of_request(request, failed, order_by=("-id",))
    found = queries.open_findings(request.actor).count()
    return render(request, "digitisation/home.html", {"page": page, "counts": counts, "found": found})


@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """What the checks after the receipt found and nobody has settled."""
    return _findings_page(request)


def _findings_page(request: HttpRequest, error: YidangError | None = None) -> HttpResponse:
    if not request.actor.has_duty("archivist"):
        raise NotFound()
    found = queries.open_findings(request.actor).select_related("document__record")
    page = page_of_request(request, found, order_by=("-at", "-id"))
    rows = [queries.with_words(one) for one in page.items]
    context = {"page": page, "rows": rows, "error": error}
    return render(request, "digitisation/findings.html", context, status=422 if error else 200)


@require_POST
def settlement(request: HttpRequest, number: int) -> HttpResponse:
    """Settle a finding with a sentence about what was done."""
    found = LateFinding.objects.select_related("document__record").filter(pk=number).first()
    if found is None:
        raise NotFound()
    policy.require(found.document.record.public_id, actor=request.actor, action="describe")
    try:
        actions.settle(found, note=request.POST.get("note", ""), actor=request.actor, now=clock.now())
    except (InvalidInput, WrongState) as error:
        return _findings_page(request, error)
    toast(request, _("The finding is settled."), "ok")
    return HttpResponseRedirect(reverse("digitisation:findings"))


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a document's text once more."""
    document = Document.objects.select_related("record").filter(pk=number).first()
    if document is None:
        raise NotFound()
    policy.require(document.record.public_id, actor=request.actor, action="describe")
    actions.read_again(document, actor=request.actor)
    toast(request, _("The text will be read again."), "ok")
    return HttpResponseRedirect(reverse("digitisation:home"))
