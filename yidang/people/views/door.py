"""Signing in and out, one's own password, the first start."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yidang.common import clock
from yidang.common.actor import ADMINISTRATORS
from yidang.common.errors import YidangError
from yidang.people import actions, passwords
from yidang.people.forms import Administrator, NewPassword
from yidang.people.public import public
from yidang.people.roles import ROLES
from yidang.ui.errors import status_of
from yidang.ui.forms import put_error
from yidang.ui.language import remember_language
from yidang.ui.toasts import toast


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door."""
    if not passwords.anybody_there():
        return HttpResponseRedirect("/first-start/")
    if request.method == "GET":
        return render(request, "ui/signin.html", {"next": request.GET.get("next", ""), "action": "/sign-in/"})
    username, then = request.POST.get("username", ""), request.POST.get("next", "")
    try:
        user = actions.sign_in(
            request, username=username, password=request.POST.get("password", ""), actor=request.actor, now=clock.now()
        )
    except YidangError as error:
        context = {"error": error, "username": username[:150], "next": then, "action": "/sign-in/"}
        return render(request, "ui/signin.html", context, status=status_of(error))
    local = url_has_allowed_host_and_scheme(then, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(then if local else "/")
    remember_language(response, user.language)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actions.sign_out(request, actor=request.actor, now=clock.now())
    return HttpResponseRedirect("/sign-in/")


@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """One's own password."""
    form = NewPassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            actions.change_password(
                request, present=chosen["present"], password=chosen["password"], actor=request.actor, now=clock.now()
            )
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The new password holds from now on."))
            return HttpResponseRedirect("/")
    context = {"form": form, "due": request.must_change_password}
    return render(request, "people/password.html", context, status=422 if form.errors else 200)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def first_start(request: HttpRequest) -> HttpResponse:
    """The three administrators, once; then this page does not exist."""
    if passwords.anybody_there():
        raise Http404
    forms = [
        (role, ROLES[role], Administrator(request.POST or None, prefix=role))
        for role in ROLES
        if role in ADMINISTRATORS
    ]
    error = None
    valid = [form.is_valid() for _role, _label, form in forms]  # all of them, so that each shows what is wrong with it
    if request.method == "POST" and all(valid):
        people = {role: form.cleaned_data for role, _label, form in forms}
        try:
            actions.make_administrators(people, key=request.POST.get("key", ""), actor=request.actor, now=clock.now())
            return HttpResponseRedirect("/sign-in/")
        except YidangError as refused:
            error = refused
            for role, _label, form in forms:
                if error.field.startswith(f"{role}-"):
                    error.field = error.field.removeprefix(f"{role}-")
                    put_error(form, error)
    context = {"forms": forms, "error": error, "key": request.POST.get("key", "")[:100]}
    return render(request, "people/first_start.html", context, status=422 if request.method == "POST" else 200)
