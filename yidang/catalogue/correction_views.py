"""更正: the form of a proposal, and one correction with what stood before, what stands now, and who signed."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.approval import queries as approval
from yidang.catalogue import correction_subject, forms, policy
from yidang.catalogue.actions import correcting
from yidang.catalogue.models import Correction, Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, NotFound, YidangError
from yidang.ui.errors import status_of
from yidang.ui.toasts import toast

STATES = {
    "waiting": ("wait", pgettext_lazy("correction", "waits for signatures")),
    "applied": ("ok", pgettext_lazy("correction", "applied")),
    "refused": ("bad", pgettext_lazy("correction", "refused")),
    "returned": ("warn", pgettext_lazy("correction", "returned")),
    "withdrawn": ("plain", pgettext_lazy("correction", "withdrawn")),
}


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say what is wrong with an archived record's description and what should stand there."""
    actor = request.actor
    record = policy.require(public_id, actor=actor)
    if not correcting.may_propose(actor, record):
        raise NotAllowed(_("Who keeps an archived record, or made it, proposes corrections of it."))
    refusal: YidangError | None = None
    if request.method == "POST":
        typed = forms.typed_values(request.POST.dict(), locked=False)
        try:
            made = correcting.propose_correction(
                record, typed, reason=request.POST.get("reason", ""), actor=actor, now=clock.now()
            )
        except NotAllowed:
            raise
        except YidangError as refused:
            refusal = refused
            for name, value in typed.items():  # what was typed stays in the form; the record is not saved
                setattr(record, name, value)
        else:
            toast(request, _("%(number)s was sent to its signers.") % {"number": made.number})
            return redirect("catalogue:correction", made.public_id)
    faults = refusal.details.get("errors", []) if refusal else []
    lines = forms.scheme_lines(
        record, metadata=record.metadata, language=get_language() or "zh-hans",
        errors={fault["field"]: f"{fault['reason']} {fault['remedy']}" for fault in faults},
    )  # fmt: skip
    context = {
        "record": record, "locked": False, "correcting": True, "error": refusal, "faults": faults[1:], "lines": lines,
        "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    return render(request, "catalogue/description.html", context, status=status_of(refusal) if refusal else 200)


@require_GET
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One correction, for who proposed it, who signs it and who keeps the record."""
    correction = _readable(public_id, request.actor)
    kind, word = STATES[correction.state]
    context = {
        "correction": correction, "lines": correction_subject.lines(correction), "kind": kind, "word": word,
        "steps": approval.steps_of(correction.case) if correction.case else [], "case": correction.case,
        "mine": correction.asker_id == request.actor.user_id,
        "visible": Record.objects.visible_to(request.actor).filter(pk=correction.record_id).exists(),
    }  # fmt: skip
    return render(request, "catalogue/correction.html", context)


@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """No longer wanted."""
    correcting.withdraw_correction(_readable(public_id, request.actor), actor=request.actor, now=clock.now())
    return redirect("catalogue:correction", public_id)


def _readable(public_id: UUID, actor: Actor) -> Correction:
    rows = Correction.objects.select_related("record__record_class", "asker", "case__route")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    signs = approval.known_to(actor, clock.now()).filter(pk=found.case_id).exists()
    if found.asker_id == actor.user_id or signs or policy.allowed(actor, "describe", found.record):
        return found
    raise NotFound()
