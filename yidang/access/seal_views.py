"""封存: the sealed copies of one record, read again at each look; sealing and opening with both parties present."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yidang.access import sealing
from yidang.access.models import SealedCopy
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def seals(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sealed copies of a record; a new one, or a seal that is opened."""
    record = policy.require(public_id, actor=request.actor, action="see")
    if not sealing.may_seal(request.actor, record):
        raise NotAllowed()
    refusal: InvalidInput | WrongState | None = None
    if request.method == "POST":
        try:
            toast(request, _done(request, record))
            return redirect("access:seals", record.public_id)
        except (InvalidInput, WrongState) as refused:
            refusal = refused
    rows = record.sealed_copies.select_related("record", "sealed_by", "opened_by").order_by("-sealed_at", "-id")[:50]
    context = {
        "record": record, "rows": [(seal, sealing.check_seal(seal)) for seal in rows], "refusal": refusal,
        "typed": request.POST,
    }  # fmt: skip
    return render(request, "access/seals.html", context, status=422 if refusal else 200)


def _done(request: HttpRequest, record: Record) -> str:
    said, now = request.POST, clock.now()
    present = said.get("present", "")[:800].replace("、", "\n").replace("，", "\n").splitlines()
    reason = said.get("reason", "")
    if said.get("seal"):
        found = SealedCopy.objects.filter(record=record, pk=said["seal"] if said["seal"].isdigit() else 0).first()
        if found is None:
            raise NotFound()
        sealing.open_seal(found, present=present, reason=reason, actor=request.actor, now=now)
        return _("The opening is written down; the copy stays.")
    sealing.seal_record(record, present=present, reason=reason, actor=request.actor, now=now)
    return _("Sealed: the copy is kept apart, the record goes on.")
