"""Checkpoints and witnesses, for the audit administrator: who has seen the log, and whose logs we have seen."""

from datetime import timedelta
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

from yidang.audit import checkpoints, policy, witnesses, witnessing, writer
from yidang.audit.models import Checkpoint, Sighting, WitnessedLog
from yidang.common import clock
from yidang.common.errors import NotFound, YidangError
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

# A witness that has seen nothing new for so long, while the log grew, is late.
LATE = timedelta(minutes=15)


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
        "page": page, "witnesses": witness_states(), "exposure": checkpoints.exposure(), "own_key": str(checkpoints.own_key()),
        "logs": WitnessedLog.objects.order_by("origin"), "form": form, "error": error, "tab": "checkpoints",
    }  # fmt: skip
    return render(request, "audit/checkpoints.html", context, status=422 if error else 200)


def witness_states() -> list[dict[str, Any]]:
    """Each configured witness with what it has seen and what is wrong with it, in the reader's words."""
    seen = {row.witness: row for row in Sighting.objects.all()}
    latest = checkpoints.latest()
    found = []
    for witness in witnesses.configured():
        row = seen.get(witness.name)
        code, _space, detail = (row.trouble if row else "").partition(" ")
        late = row is None or (latest is not None and row.size < latest.size and latest.at < clock.now() - LATE)
        kind = "bad" if code in witnesses.ALARMS else "warn" if code or late or witness.is_near else "ok"
        found.append(
            {"witness": witness, "row": row, "kind": kind, "words": _words(code, detail, late, witness.is_near)}
        )
    return found


def _words(code: str, detail: str, late: bool, near: bool) -> str:
    words = {
        witnesses.MISSING: _("The folder is not there"),
        witnesses.UNWRITABLE: _("The folder cannot be written"),
        witnesses.UNREACHABLE: _("Does not answer"),
        witnesses.REFUSED: _("Refused our checkpoint"),
        witnesses.UNSIGNED: _("Answered without its signature"),
        witnesses.DISAGREES: _("Saw another log than ours is now; verify at once"),
        witnesses.AHEAD: _("Saw more entries than there are now; verify at once"),
    }
    if code:
        return f"{words.get(code, code)} {detail}".strip()
    if late:
        return _("Has not seen the latest checkpoint yet")
    return _("On the same disk as the data") if near else _("Has seen it")


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
