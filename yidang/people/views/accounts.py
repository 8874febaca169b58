"""Accounts, for the security administrator alone."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.common import clock
from yidang.common.errors import NotFound, YidangError
from yidang.people import actions, forms, queries
from yidang.people.models import Duty, User
from yidang.people.policy import require_sees_administration
from yidang.people.roles import ROLES
from yidang.ui.forms import put_error
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast


def _user(public_id: UUID) -> User:
    found = User.objects.filter(public_id=public_id).select_related("department").first()
    if found is None:
        raise NotFound()
    return found


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, by name."""
    require_sees_administration(request.actor)
    found = User.objects.select_related("department").prefetch_related("duties")
    if words := request.GET.get("q", "").strip()[:60]:
        found = found.filter(Q(username__icontains=words) | Q(display_name__icontains=words) | Q(staff_number=words))
    if role := request.GET.get("role", ""):
        found = found.filter(pk__in=Duty.objects.filter(role=role).values("user_id"))
    page = page_of_request(request, found, order_by=("username",))
    context = {"page": page, "q": words, "role": role, "roles": ROLES.items(), "labels": ROLES}
    return render(request, "people/accounts.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new account."""
    require_sees_administration(request.actor)
    form = forms.NewAccount(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            made = actions.create_user(**facts | {"roles": [facts.pop("role")]}, actor=request.actor, now=clock.now())
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The account was made."))
            return HttpResponseRedirect(reverse("people:account", args=(made.public_id,)))
    return render(request, "people/new_account.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One account: facts, duties, sessions, clients."""
    require_sees_administration(request.actor)
    user = _user(public_id)
    form = forms.Account(request.POST or None, initial=forms.Account.of(user))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_user(user, actor=request.actor, now=clock.now(), **form.cleaned_data)
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("Saved."))
            return HttpResponseRedirect(reverse("people:account", args=(public_id,)))
    return _account_page(request, user, form=form)


def _account_page(request: HttpRequest, user: User, **filled: Any) -> HttpResponse:
    context = {
        "person": user,
        "form": forms.Account(initial=forms.Account.of(user)),
        "duty_form": forms.NewDuty(),
        "password_form": forms.FirstPassword(),
        "duties": [
            (duty, ROLES.get(duty.role, duty.role), duty.valid_until is None or duty.valid_until >= localdate())
            for duty in user.duties.select_related("department").order_by("-pk")
        ],
        "sessions": user.sessions.filter(ended_at=None).order_by("-seen_at")[:20],
        "clients": user.clients.order_by("name"),
        "department_label": queries.department_label(user.department),
        "own": user.pk == request.actor.user_id,
        **filled,
    }
    wrong = any(form.errors for form in filled.values())
    return render(request, "people/account.html", context, status=422 if wrong else 200)


@require_POST
def give_duty(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give a duty."""
    require_sees_administration(request.actor)
    user, form = _user(public_id), forms.NewDuty(request.POST)
    if form.is_valid():
        try:
            actions.assign_duty(user, actor=request.actor, now=clock.now(), **form.cleaned_data)
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The duty was given; open sessions of this person have ended."))
            return HttpResponseRedirect(reverse("people:account", args=(public_id,)))
    return _account_page(request, user, duty_form=form)


@require_POST
def end_duty(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """Take a duty away."""
    require_sees_administration(request.actor)
    duty = Duty.objects.filter(user__public_id=public_id, pk=number).select_related("user").first()
    if duty is None:
        raise NotFound()
    actions.end_duty(duty, actor=request.actor, now=clock.now())
    toast(request, _("The duty has ended."))
    return HttpResponseRedirect(reverse("people:account", args=(public_id,)))


@require_POST
def switch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close an account, or open it again."""
    require_sees_administration(request.actor)
    user = _user(public_id)
    verb = actions.deactivate_user if user.is_active else actions.reactivate_user
    verb(user, actor=request.actor, now=clock.now())
    toast(request, _("Saved."))
    return HttpResponseRedirect(reverse("people:account", args=(public_id,)))


@require_POST
def reset_password(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A password for one sign-in."""
    require_sees_administration(request.actor)
    user, form = _user(public_id), forms.FirstPassword(request.POST)
    if form.is_valid():
        try:
            actions.reset_password(user, form.cleaned_data["password"], actor=request.actor, now=clock.now())
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The password holds for one sign-in."))
            return HttpResponseRedirect(reverse("people:account", args=(public_id,)))
    return _account_page(request, user, password_form=form)
