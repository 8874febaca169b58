"""Checkpoints and witnesses, for the audit administrator: who has seen the log, and whose logs we have seen."""

from typing import Any

import segno
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yidang.audit import checkpoints, cosignatures, policy, standing, witnessing, writer
from yidang.audit.models import Checkpoint, Cosignature, WitnessedLog
from yidang.common import clock, signing, sm2
from yidang.common.errors import NotFound, YidangError
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


class KeyForm(forms.Form):
    """The key of another archive's log."""

    key = forms.CharField(
        label=gettext_lazy("Key of the other archive's log"), max_length=400, strip=True,
        help_text=gettext_lazy("One line, as the other archive's page of witnesses shows it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


@require_GET
def checkpoint_list(request: HttpRequest) -> HttpResponse:
    """What has been signed, who has seen it, what is exposed, and whose logs we witness."""
    policy.require_reads_log(request.actor)
    return _page(request, KeyForm())


def _page(request: HttpRequest, form: KeyForm, error: YidangError | None = None) -> HttpResponse:
    page = page_of_request(request, Checkpoint.objects.all(), order_by=("-size",))
    context: dict[str, Any] = {
        "page": page, "witnesses": standing.witness_states(), "exposure": checkpoints.exposure(), "own_key": str(checkpoints.own_key()),
        "sm2_key": sm2.pem(national.public) if (national := signing.sm2_key()) else "",
        "logs": WitnessedLog.objects.order_by("origin"), "form": form, "error": error, "tab": "checkpoints", "cosigned": Cosignature.objects.exists(),
    }  # fmt: skip
    return render(request, "audit/checkpoints.html", context, status=422 if error else 200)


@require_GET
def cosignature_list(request: HttpRequest) -> HttpResponse:
    """What other archives have signed for us, the newest first."""
    policy.require_reads_log(request.actor)
    page = page_of_request(request, Cosignature.objects.all(), order_by=("-seen_at", "-id"))
    return render(
        request, "audit/cosignatures.html", {"page": page, "days": cosignatures.WHOLE_DAYS, "tab": "checkpoints"}
    )


@require_GET
def cosignature(request: HttpRequest, number: int) -> HttpResponse:
    """One signed note as a text to keep elsewhere; ``yidang audit verify --against`` compares with it."""
    policy.require_reads_log(request.actor)
    found = Cosignature.objects.filter(pk=number).first()
    if found is None:
        raise NotFound()
    response = HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="checkpoint-{found.witness}-{found.size}.txt"'
    return response


@require_POST
def new_checkpoint(request: HttpRequest) -> HttpResponse:
    """Sign the head now, for the printed page."""
    policy.require_reads_log(request.actor)
    taken = checkpoints.take()
    _tell(request, "audit.checkpoint.taken", taken)
    return HttpResponseRedirect(reverse("audit:sheet", args=[taken.size]))


@require_GET
def sheet(request: HttpRequest, size: int) -> HttpResponse:
    """One checkpoint as a page to print, sign and put away, with the whole note in a QR code."""
    policy.require_reads_log(request.actor)
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise NotFound()
    _tell(request, "audit.checkpoint.shown", found)
    return render(request, "audit/sheet.html", {"checkpoint": found, "origin": found.origin, **_drawn(found.note)})


def _drawn(text: str) -> dict[str, Any]:
    """A text as the path of a QR code in an SVG, with four modules of white around."""
    code = segno.make(text, error="m", boost_error=False)
    dark = [(x, y) for y, row in enumerate(code.matrix_iter(border=4)) for x, module in enumerate(row) if module]
    width = code.symbol_size(border=4)[0]
    return {"width": width, "pixels": width * 4, "path": "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)}


def _tell(request: HttpRequest, event: str, checkpoint: Checkpoint) -> None:
    with transaction.atomic():
        writer.write(
            event,
            actor=request.actor,
            target_kind="checkpoint",
            target=checkpoint.size,
            facts={"root": checkpoint.root},
        )


@require_POST
def registration(request: HttpRequest) -> HttpResponse:
    """Become a witness of another archive's log."""
    policy.require_reads_log(request.actor)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        witnessing.register_log(form.cleaned_data["key"], actor=request.actor, now=clock.now())
    except YidangError as error:
        form.add_error("key", f"{error} {error.remedy}".strip())
        return _page(request, form, error)
    toast(request, _("We are a witness of this log now; give the other archive our key as well."), "ok")
    return HttpResponseRedirect(reverse("audit:checkpoints"))


@require_POST
def ending(request: HttpRequest, number: int) -> HttpResponse:
    """Be no longer a witness of a log."""
    policy.require_reads_log(request.actor)
    log = WitnessedLog.objects.filter(pk=number).first()
    if log is None:
        raise NotFound()
    witnessing.end_log(log, actor=request.actor, now=clock.now())
    toast(request, _("We are no longer a witness of this log; what we countersigned stays."), "ok")
    return HttpResponseRedirect(reverse("audit:checkpoints"))
