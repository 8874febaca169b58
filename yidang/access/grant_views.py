"""授权一览: what the archive room has opened to whom, and the end of it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.access import request_queries as queries
from yidang.access.request_subject import in_words
from yidang.common import clock
from yidang.common.errors import NotAllowed, NotFound
from yidang.permissions import actions as permissions
from yidang.permissions.records import public_ids
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_GET
def given(request: HttpRequest) -> HttpResponse:
    """Live permissions to records that one keeps; those that end first on top."""
    actor, now = request.actor, clock.now()
    if not permissions.may_issue(actor):
        raise NotAllowed()
    wanted = request.GET.get("q", "").strip()[:100]
    page = page_of_request(request, queries.given(actor, now, wanted), order_by=("until", "id"))
    held = queries.held(page.items, actor, now)
    rows = [(one, one.grant.until - now, in_words(one.actions)) for one in held]
    return render(request, "access/given.html", {"page": page, "rows": rows, "tab": "given", "wanted": wanted})


@require_POST
def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End somebody's permission; their next page is refused."""
    actor, now = request.actor, clock.now()
    if not permissions.may_issue(actor):
        raise NotAllowed()
    grant = queries.given(actor, now).filter(public_id=public_id).first()
    if grant is None:
        raise NotFound()
    record = public_ids({grant.record_id}).get(grant.record_id, "")
    why = " ".join(request.POST.get("why", "").split())[:200]
    permissions.revoke_grant(grant, actor=actor, now=now, record=record, why=why)
    toast(
        request,
        _("The permission of %(name)s has ended; their next page is refused.") % {"name": grant.subject.display_name},
        "ok",
    )
    return redirect("access:given")
