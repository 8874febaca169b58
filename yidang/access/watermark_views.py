"""水印模板: what stands on every page, with its look on light and dark pages."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yidang.access import watermarking
from yidang.access.models import Opening
from yidang.access.watermark import sample
from yidang.access.watermark_models import WatermarkTemplate
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def template(request: HttpRequest) -> HttpResponse:
    """The template in force, its form, and the ones before."""
    if not watermarking.may_change(request.actor):
        raise NotAllowed()
    refusal: InvalidInput | None = None
    text, strength = watermarking.in_force()
    if request.method == "POST":
        text, strength = request.POST.get("text", "")[:200], _number(request.POST.get("strength", ""))
        try:
            if request.POST.get("do") == "try":
                watermarking.checked(text, strength)
            else:
                watermarking.change_watermark(text, strength, actor=request.actor, now=clock.now())
                toast(request, _("In force for every page that is opened from now on."))
                return redirect("access:watermark")
        except InvalidInput as refused:
            refusal = refused
    context = {
        "text": text, "strength": strength, "refusal": refusal, "places": watermarking.PLACES,
        "least": watermarking.WEAKEST, "most": watermarking.STRONGEST,
        "before": WatermarkTemplate.objects.select_related("made_by").order_by("-id")[:10],
    }  # fmt: skip
    return render(request, "access/watermark.html", context, status=422 if refusal else 200)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """A made-up page with a template, light or dark."""
    if not watermarking.may_change(request.actor):
        raise NotAllowed()
    text, strength = watermarking.checked(request.GET.get("text", "")[:200], _number(request.GET.get("strength", "")))
    opening = Opening(
        record=Record(code="Y012-WS·2026-Y-0001"), address=request.actor.address or "10.0.0.7",
        opened_at=datetime(2026, 3, 5, 1, 30, tzinfo=UTC), because="sample",
    )  # fmt: skip
    image = sample(watermarking.words(text, request.actor, opening), strength, dark=request.GET.get("dark") == "1")
    response = HttpResponse(image, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response
