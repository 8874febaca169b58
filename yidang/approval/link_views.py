"""The one-time link of the to-do list: the password once, then the decision screen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yidang.approval import handing
from yidang.common import clock
from yidang.common.errors import NotFound, YidangError
from yidang.people import actions as people
from yidang.people.actors import actor_of_user
from yidang.people.public import public, quiet
from yidang.ui.errors import status_of


@quiet("The token would stand in the log before it is used; opening it writes an entry of its own.")
@public
@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it shows nothing yet, so that a program that looks ahead spends nothing; the password opens the case.

    Whoever is signed in as the signer already needs none.
    """
    now = clock.now()
    found = handing.look_up(token, now)
    signer = found.seat.signer
    if request.actor.kind == "person":
        if request.actor.user_id != signer.pk:
            raise NotFound()
        if request.method == "POST":
            handing.spend(found, actor=request.actor, now=now)
            return redirect("approval:case", found.seat.case.public_id)
        return render(request, "approval/link.html", {"signed_in": True, "case": found.seat.case})
    refusal: YidangError | None = None
    if request.method == "POST":
        try:
            user = people.sign_in(
                request,
                username=signer.username,
                password=request.POST.get("password", ""),
                actor=request.actor,
                now=now,
            )
        except YidangError as refused:
            refusal = refused
        else:
            handing.spend(found, actor=actor_of_user(user, address=request.actor.address), now=now)
            return redirect("approval:case", found.seat.case.public_id)
    context = {"signed_in": False, "case": found.seat.case, "refusal": refusal}
    return render(request, "approval/link.html", context, status=status_of(refusal) if refusal else 200)
