"""份数: how many copies each class needs, what its records have, and saying so."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yidang.catalogue import actions, copies
from yidang.catalogue.models import RecordClass
from yidang.common import clock
from yidang.common.errors import InvalidInput, Unavailable
from yidang.ui.toasts import toast
from yidang.vault import sites
from yidang.vault.policy import require_keeps_copies


@require_http_methods(["GET", "POST"])
def needed(request: HttpRequest) -> HttpResponse:
    """Every class with the copies that it needs; archivists change them."""
    require_keeps_copies(request.actor)
    refusal: InvalidInput | Unavailable | None = None
    if request.method == "POST":
        try:
            _change(request)
            return redirect("catalogue:copies")
        except (InvalidInput, Unavailable) as refused:
            refusal = refused
    rules, short = copies.rules(), {one.code: one for one in copies.too_few()}
    language, roots = get_language() or "", sites.roots()
    classes = RecordClass.objects.filter(is_active=True).order_by("code")
    rows = [(one, one.label(language), rules.get(one.pk), short.get(one.code)) for one in classes]
    context = {
        "rows": rows, "refusal": refusal, "typed": request.POST, "there": len(roots),
        "required": sum(root.required for root in roots), "may_say": request.actor.has_duty("archivist"),
    }  # fmt: skip
    return render(request, "catalogue/copies.html", context, status=422 if refusal else 200)


def _change(request: HttpRequest) -> None:
    said, now = request.POST, clock.now()
    try:
        chosen = RecordClass.objects.get(public_id=UUID(said.get("class", "")))
    except (ValueError, RecordClass.DoesNotExist) as missing:
        raise InvalidInput(_("Choose a class."), field="class") from missing
    if said.get("do") == "drop":
        actions.drop_copies(chosen, actor=request.actor, now=now)
        toast(request, _("The sites say it again."))
        return
    numbers = [said.get(name, "").strip() for name in ("copies", "before")]
    if not all(number.isdecimal() and len(number) < 3 for number in numbers):
        raise InvalidInput(_("Write both numbers of copies."), field="copies")
    actions.set_copies(chosen, copies=int(numbers[0]), before=int(numbers[1]), actor=request.actor, now=now)
    toast(request, _("From now on its records are kept so."))
