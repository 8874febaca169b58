"""签批流程: the routes in words, one route as a form, and its rehearsal on past cases."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yidang.approval import designing, subjects
from yidang.approval.models import Route
from yidang.approval.routing import current_routes
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound
from yidang.people.models import DepartmentName, User
from yidang.ui.toasts import toast


@require_GET
def routes(request: HttpRequest) -> HttpResponse:
    """All routes in the order in which they are asked."""
    _require(request)
    found = {one.kind: list(current_routes(one.kind)) for one in subjects.kinds()}
    names = _names([row for rows in found.values() for row in rows])
    kinds = [(one, [(row, _in_words(row, names)) for row in found[one.kind]]) for one in subjects.kinds()]
    return render(request, "approval/routes.html", {"kinds": kinds})


@require_http_methods(["GET", "POST"])
def route(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """One route: try it out, save it as a new version, or take it away; ``new`` makes one."""
    _require(request)
    subject, now = designing.subject_for(kind), clock.now()
    before = next((row for row in current_routes(kind) if row.key == key), None)
    if before is None and key != "new":
        raise NotFound()
    refusal: InvalidInput | None = None
    rehearsed, shown = None, before
    if request.method == "POST":
        try:
            if request.POST.get("do") == "retire" and before is not None:
                designing.retire(before, actor=request.actor, now=now)
                return redirect("approval:routes")
            shown = designing.read_form(kind, request.POST, before)
            if request.POST.get("do") == "save":
                designing.save(shown, before, actor=request.actor, now=now)
                toast(request, _("The route is in place; cases under way keep the former one."))
                return redirect("approval:routes")
            rehearsed = designing.rehearse(shown, before, now=now)
        except InvalidInput as refused:
            refusal = refused
    context = {
        "route": shown, "subject": subject, "kind": kind, "refusal": refusal, "rehearsed": rehearsed, "is_new": before is None,
        "steps": _steps(shown), "signers": designing.SIGNERS, "facts": _facts(subject, shown), "numbers": _numbers(kind, shown),
    }  # fmt: skip
    return render(request, "approval/route.html", context, status=422 if refusal else 200)


def _require(request: HttpRequest) -> None:
    if not designing.may_design(request.actor):
        raise NotAllowed()


def _names(rows: Sequence[Route]) -> dict[tuple[str, str], str]:
    """What departments and people are called today, of all signers of these routes."""
    signers = [one for row in rows for step in row.steps for one in step["signers"]]
    keys = {one["department"] for one in signers if one.get("department")}
    people = {one["value"] for one in signers if one["by"] == "person"}
    english = get_language() == "en"
    called = DepartmentName.objects.filter(valid_until=None, department__key__in=keys).select_related("department")
    users = User.objects.filter(username__in=people).values_list("username", "display_name")
    return {
        **{("department", one.department.key): one.en if english and one.en else one.zh for one in called},
        **{("person", username): name for username, name in users},
    }


def _in_words(row: Route, names: dict[tuple[str, str], str]) -> list[str]:
    """Each step as a sentence."""
    return [" / ".join(_signer_in_words(one, names) for one in step["signers"]) for step in row.steps]


def _signer_in_words(one: dict[str, Any], names: dict[tuple[str, str], str]) -> str:
    if one["by"] == "person":
        return names.get(("person", one["value"]), str(one["value"]))
    key = f"duty:{one['value']}" if one["by"] == "duty" else one["by"]
    word = str(designing.SIGNERS.get(key, key))
    department = one.get("department", "")
    return f"{names.get(('department', department), department)} {word}" if department else word


def _steps(shown: Route | None) -> list[dict[str, Any]]:
    """All places of the form, filled as far as the route goes."""
    places = []
    for place in range(designing.STEPS_MOST):
        step = shown.steps[place] if shown and place < len(shown.steps) else {"signers": []}
        rows = []
        for row in range(designing.SIGNERS_MOST):
            one = step["signers"][row] if row < len(step["signers"]) else {}
            who = f"duty:{one['value']}" if one.get("by") == "duty" else one.get("by", "")
            detail = one.get("value", "") if who == "person" else one.get("department", "")
            rows.append({"name": f"step-{place}-{row}", "who": who, "of": detail})
        places.append(
            {
                "number": place + 1,
                "place": place,
                "rows": rows,
                "need": step.get("need", "any"),
                "reauth": step.get("reauth"),
            }
        )
    return places


def _facts(subject: subjects.Subject, shown: Route | None) -> list[tuple[str, str, Any, list[str]]]:
    titles = {
        "purpose": _("Purpose"), "actions": _("Actions"), "classes": _("Class"), "visibility": _("Kind of record"),
    }  # fmt: skip
    conditions = shown.conditions if shown else {}
    return [
        (name, titles.get(name, name), choices, conditions.get(name, [])) for name, choices in subject.facts().items()
    ]


def _numbers(kind: str, shown: Route | None) -> list[tuple[str, Any, Any]]:
    conditions = shown.conditions if shown else {}
    return [
        (name, title, conditions.get(name, {}).get("min", "")) for name, title in designing.numbers_of(kind).items()
    ]
