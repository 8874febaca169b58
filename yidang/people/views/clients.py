"""API clients, for the security administrator alone."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yidang.common import clock
from yidang.common.errors import NotFound, YidangError
from yidang.people import actions, forms
from yidang.people.models import ApiClient, User
from yidang.people.policy import require_sees_administration
from yidang.ui.forms import put_error
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def clients(request: HttpRequest) -> HttpResponse:
    """The clients, and a new one, whose token is shown this once."""
    require_sees_administration(request.actor)
    form, token = forms.NewClient(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        owner = User.objects.filter(username__iexact=facts.pop("owner"), is_active=True).first()
        if owner is None:
            form.add_error("owner", _("There is no open account of this name."))
        else:
            try:
                _client, token = actions.create_client(
                    facts.pop("name"), owner=owner, actor=request.actor, now=clock.now(), **facts
                )
                form = forms.NewClient()
            except YidangError as error:
                put_error(form, error)
    page = page_of_request(request, ApiClient.objects.select_related("owner"), order_by=("name",))
    context = {"page": page, "form": form, "token": token, "now": clock.now()}
    return render(request, "people/clients.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a client."""
    require_sees_administration(request.actor)
    client = ApiClient.objects.filter(public_id=public_id).first()
    if client is None:
        raise NotFound()
    actions.revoke_client(client, actor=request.actor, now=clock.now())
    toast(request, _("The client's next call is refused."))
    return HttpResponseRedirect(reverse("people:clients"))
