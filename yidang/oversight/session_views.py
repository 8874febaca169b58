"""在线用户: who is signed in now, for the security administrator alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.oversight import presence
from yidang.people.models import SignedIn
from yidang.people.policy import require_sees_administration
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_GET
def online(request: HttpRequest) -> HttpResponse:
    """The sessions that are alive, with what was opened in them; programs that call."""
    require_sees_administration(request.actor)
    now = clock.now()
    page = page_of_request(request, presence.online(now), order_by=("-seen_at", "-id"))
    looked = presence.looked_at(list(page.items))
    context = {
        "page": page, "rows": [(one, looked.get(one.pk)) for one in page.items], "now": now,
        "calling": presence.calling(now).order_by("-last_used_at")[:50],
    }  # fmt: skip
    return render(request, "oversight/online.html", context)


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End one of them."""
    require_sees_administration(request.actor)
    session = SignedIn.objects.select_related("user").filter(pk=number).first()
    if session is None:
        raise NotFound()
    presence.end_session(session, actor=request.actor, now=clock.now())
    toast(request, _("The session has ended."))
    return redirect("oversight:online")
