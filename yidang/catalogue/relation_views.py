"""The relations of one record: both directions, making one, ending one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yidang.catalogue import actions, policy, relating
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, WrongState
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def relations(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the record is related to, as far as the reader sees the others."""
    record = policy.require(public_id, actor=request.actor)
    if request.method == "POST":
        try:
            other = policy.named(request.POST.get("other", "").strip(), actor=request.actor)
            if other is None:
                raise InvalidInput(
                    _("You see no record under this number."), field="other",
                    remedy=_("Give its archival code, its accession number or the end of its page's address."),
                )  # fmt: skip
            kind, _dot, direction = request.POST.get("relation", "").partition(".")
            pair = (other, record) if direction == relating.TO else (record, other)
            actions.relate(*pair, kind=kind, actor=request.actor, now=clock.now())
        except (InvalidInput, WrongState) as refused:
            return _page(request, record, refused)
        toast(request, _("The two records are related."))
        return redirect("catalogue:relations", public_id)
    return _page(request, record)


@require_POST
def end(request: HttpRequest, public_id: UUID, relation_id: UUID) -> HttpResponse:
    """End a relation."""
    record = policy.require(public_id, actor=request.actor)
    try:
        actions.end_relation(record, relation_id, actor=request.actor, now=clock.now())
    except WrongState as refused:
        return _page(request, record, refused)
    toast(request, _("The relation is ended."))
    return redirect("catalogue:relations", public_id)


def _page(request: HttpRequest, record: Record, refusal: InvalidInput | WrongState | None = None) -> HttpResponse:
    context = {
        "record": record, "relations": relating.of_record(record, actor=request.actor), "refusal": refusal,
        "may_relate": policy.allowed(request.actor, "describe", record), "typed": request.POST,
        "kinds": relating.choices(),
    }  # fmt: skip
    return render(request, "catalogue/relations.html", context, status=422 if refusal else 200)
