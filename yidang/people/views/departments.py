"""The tree of departments with its history, for the security administrator alone."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yidang.common import clock
from yidang.common.errors import NotFound, YidangError
from yidang.people import actions, forms, queries
from yidang.people.models import Department
from yidang.people.policy import require_sees_administration
from yidang.ui.forms import put_error
from yidang.ui.toasts import toast


def _department(key: str) -> Department:
    found = Department.objects.filter(key=key).select_related("parent").first()
    if found is None:
        raise NotFound()
    return found


@require_http_methods(["GET", "POST"])
def departments(request: HttpRequest) -> HttpResponse:
    """The tree, and a new department."""
    require_sees_administration(request.actor)
    form = forms.NewDepartment(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_department(actor=request.actor, now=clock.now(), **form.cleaned_data)
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The department was made."))
            return HttpResponseRedirect(reverse("people:department", args=(made.key,)))
    context = {"form": form, "tree": queries.department_tree()}
    return render(request, "people/departments.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
def department(request: HttpRequest, key: str) -> HttpResponse:
    """One department: its names, whom it took over, who works there."""
    require_sees_administration(request.actor)
    return _page(request, _department(key))


def _page(request: HttpRequest, found: Department, **filled: object) -> HttpResponse:
    context = {
        "department": found,
        "label": queries.department_label(found),
        "names": found.names.order_by("-valid_from"),
        "forerunners": [
            (row, queries.department_label(row.predecessor))
            for row in found.inheritances.select_related("predecessor").order_by("-on")
        ],
        "successors": [
            (row, queries.department_label(row.successor))
            for row in found.successions.select_related("successor").order_by("-on")
        ],
        "people": found.people.order_by("username")[:100],
        "rename_form": forms.Rename(),
        "merge_form": forms.Merge(),
        **filled,
    }
    return render(request, "people/department.html", context, status=422 if filled else 200)


@require_POST
def rename(request: HttpRequest, key: str) -> HttpResponse:
    """A new name from a day on."""
    require_sees_administration(request.actor)
    found, form = _department(key), forms.Rename(request.POST)
    if form.is_valid():
        try:
            actions.rename_department(found, actor=request.actor, now=clock.now(), **form.cleaned_data)
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The department has its new name; its earlier records stay with it."))
            return HttpResponseRedirect(reverse("people:department", args=(key,)))
    return _page(request, found, rename_form=form)


@require_POST
def merge(request: HttpRequest, key: str) -> HttpResponse:
    """Close it; another department takes over."""
    require_sees_administration(request.actor)
    found, form = _department(key), forms.Merge(request.POST)
    if form.is_valid() and form.cleaned_data["into"]:
        try:
            actions.merge_department(found, actor=request.actor, now=clock.now(), **form.cleaned_data)
        except YidangError as error:
            put_error(form, error)
        else:
            toast(request, _("The department was merged; its successor finds its records."))
            return HttpResponseRedirect(reverse("people:department", args=(key,)))
    return _page(request, found, merge_form=form)
