"""离职交接: one page for the security administrator."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.desk.leaving import close_person, departure_of, standing_of
from yidang.people.models import User
from yidang.people.policy import require_sees_administration
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def leaving(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the person holds, owes and may; handing over and closing."""
    require_sees_administration(request.actor)
    person = User.objects.filter(public_id=public_id).first()
    if person is None:
        raise NotFound()
    now = clock.now()
    refusal: InvalidInput | WrongState | NotAllowed | None = None
    named = request.POST.get("successor", "").strip()[:150]
    if request.method == "POST":
        successor = User.objects.filter(username__iexact=named, is_active=True).first() if named else None
        try:
            if named and successor is None:
                raise InvalidInput(_("Nobody in use is called %(name)s.") % {"name": named}, field="successor")
            close_person(person, successor=successor, actor=request.actor, now=now)
            toast(request, _("Everything was ended and handed over; the account is closed."))
            return redirect("desk:leaving", person.public_id)
        except (InvalidInput, WrongState, NotAllowed) as refused:
            refusal = refused
    context = {
        "person": person, "standing": standing_of(person, actor=request.actor, now=now), "refusal": refusal,
        "departure": departure_of(person), "named": named, "own": request.actor.user_id == person.pk,
    }  # fmt: skip
    return render(request, "desk/leaving.html", context, status=422 if refusal else 200)
