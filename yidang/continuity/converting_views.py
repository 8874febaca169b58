"""Conversions beside the originals: a preview, a plan's progress, what was not kept and why."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.catalogue import conversions as wording
from yidang.catalogue import policy as catalogue_policy
from yidang.catalogue.models import Record, Rendition, among
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotFound
from yidang.continuity import formats, plans, policy
from yidang.continuity.forms import ConversionForm
from yidang.continuity.models import ConversionPlan, HeldFormat
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def conversion(request: HttpRequest, number: int) -> HttpResponse:
    """How many documents of a format would be converted; begins it."""
    actor: Actor = request.actor
    held = HeldFormat.objects.filter(pk=number).first()
    if held is None or not policy.judges_formats(actor):
        raise NotFound()
    form = ConversionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = plans.ask_conversion(held=held, actor=actor, now=clock.now(), **form.cleaned_data)
        toast(request, _("The conversion begins; its progress stands here."), "ok")
        return HttpResponseRedirect(reverse("continuity:plan", args=[made[0].pk]))
    counted = plans.preview(held, actor=actor)
    context = {
        "held": held, "name": formats.name_of(held.puid), "form": form, "counted": counted,
        "target": wording.TARGETS.get(counted["target"], ""),
        "earlier": ConversionPlan.objects.filter(puid=held.puid).order_by("-asked_at")[:5] if held.puid else [],
    }  # fmt: skip
    return render(request, "continuity/conversion.html", context, status=422 if form.errors else 200)


@require_GET
def conversions(request: HttpRequest) -> HttpResponse:
    """Every plan, the newest first."""
    _require(request.actor)
    page = page_of_request(
        request, ConversionPlan.objects.select_related("asked_by", "record"), order_by=("-asked_at", "-id")
    )
    rows = [
        (plan, formats.name_of(plan.puid) or plan.puid, wording.TARGETS.get(plan.target, "")) for plan in page.items
    ]
    return render(request, "continuity/conversions.html", {"page": page, "rows": rows})


@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """How far one plan is, and what it did not keep."""
    _require(request.actor)
    found = _plan(number)
    show = request.GET.get("show", "")
    outcomes = [Rendition.KEPT] if show == Rendition.KEPT else [Rendition.REFUSED, Rendition.FAILED]
    seen = Record.objects.visible_to(request.actor)
    made = Rendition.objects.filter(
        among(seen, "document__record_id"), target=found.target, outcome__in=outcomes, made_at__gte=found.asked_at
    )
    made = made.filter(document__record=found.record) if found.record_id else made.filter(document__format=found.puid)
    page = page_of_request(request, made.select_related("document__record__fonds"), order_by=("-made_at", "-id"))
    context = {
        "plan": found, "name": formats.name_of(found.puid) or found.puid, "target": wording.TARGETS.get(found.target, ""),
        "page": page, "rows": [wording.tell(one) for one in page.items], "kept": show == Rendition.KEPT,
    }  # fmt: skip
    return render(request, "continuity/plan.html", context)


@require_POST
def stopping(request: HttpRequest, number: int) -> HttpResponse:
    """Stop a plan."""
    return _turned(request, number, plans.stop, _("It stops after the document that is under way."))


@require_POST
def resuming(request: HttpRequest, number: int) -> HttpResponse:
    """Let a plan go on."""
    return _turned(request, number, plans.resume, _("It goes on where it stopped."))


@require_POST
def of_record(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Convert the documents of one record."""
    _require(request.actor)
    record = catalogue_policy.require(public_id, actor=request.actor, action="describe")
    made = plans.ask_conversion(record=record, again=True, actor=request.actor, now=clock.now())
    toast(request, _("The conversion begins; its progress stands here."), "ok")
    return HttpResponseRedirect(reverse("continuity:plan", args=[made[0].pk]))


def _turned(request: HttpRequest, number: int, turn: Callable[..., None], sentence: str) -> HttpResponse:
    _require(request.actor)
    turn(_plan(number), actor=request.actor, now=clock.now())
    toast(request, sentence, "ok")
    return HttpResponseRedirect(reverse("continuity:plan", args=[number]))


def _require(actor: Actor) -> None:
    if not policy.judges_formats(actor):
        raise NotFound()


def _plan(number: int) -> ConversionPlan:
    found = ConversionPlan.objects.select_related("asked_by", "record").filter(pk=number).first()
    if found is None:
        raise NotFound()
    return found
