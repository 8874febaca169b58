"""Rights in numbers and rights that nobody uses, for the security administrator alone."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang import jobs
from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.oversight.models import UnusedRight
from yidang.oversight.reach_queries import reach_table
from yidang.oversight.unused import end_unused
from yidang.people.policy import require_sees_administration
from yidang.people.roles import ROLES
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

ACTIONS = {
    "see": gettext_lazy("See the entry"),
    "view": gettext_lazy("View the pages"),
    "print": gettext_lazy("Print"),
    "copy": gettext_lazy("Download the original"),
}
KINDS = {
    UnusedRight.Kind.ACCOUNT: gettext_lazy("Account"),
    UnusedRight.Kind.DUTY: gettext_lazy("Duty"),
    UnusedRight.Kind.GRANT: gettext_lazy("Permission for a record"),
    UnusedRight.Kind.CLIENT: gettext_lazy("API client"),
    UnusedRight.Kind.CARE: gettext_lazy("Treatment of a patient"),
}


@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """How many records of each branch every duty reaches."""
    require_sees_administration(request.actor)
    action, branch = request.GET.get("action", "view"), request.GET.get("branch", "")[:80]
    if action not in ACTIONS:
        action = "view"
    table = reach_table(action, branch=branch, language=get_language() or "zh-hans", now=clock.now())
    context = {"table": table, "action": action, "actions": ACTIONS, "branch": branch, "tab": "numbers"}
    return render(request, "oversight/numbers.html", context)


@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """Count again, in the background."""
    require_sees_administration(request.actor)
    with transaction.atomic():
        jobs.later("oversight.count_rights", key="asked", actor=request.actor)
    toast(request, _("It is counted again in the background; look again in a moment."))
    return redirect("oversight:unused" if request.POST.get("from") == "unused" else "oversight:numbers")


@require_GET
def unused(request: HttpRequest) -> HttpResponse:
    """Rights without a trace for a year, the oldest first."""
    require_sees_administration(request.actor)
    kind = request.GET.get("kind", "")
    rows = UnusedRight.objects.select_related("user__department", "department")
    page = page_of_request(request, rows.filter(kind=kind) if kind in KINDS else rows, order_by=("since", "id"))
    lines = [(one, KINDS[UnusedRight.Kind(one.kind)], _what(one)) for one in page.items]
    context = {"page": page, "lines": lines, "kinds": KINDS, "kind": kind, "tab": "unused"}
    return render(request, "oversight/unused.html", context)


def _what(right: UnusedRight) -> str:
    return str(ROLES.get(right.what, right.what)) if right.kind == UnusedRight.Kind.DUTY else right.what


@require_POST
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End one of them."""
    require_sees_administration(request.actor)
    right = UnusedRight.objects.select_related("user", "department").filter(public_id=public_id).first()
    if right is None:
        raise NotFound()
    end_unused(right, actor=request.actor, now=clock.now())
    toast(request, _("The right has ended."))
    return redirect("oversight:unused")
