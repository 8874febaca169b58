"""遮盖: one page with its rectangles, drawn with the mouse, with keys or by numbers; and what is looked for by itself."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from yidang.access import actions
from yidang.access import masks as deeds
from yidang.access.mask_models import Mask
from yidang.catalogue import policy
from yidang.catalogue.models import Document
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def masks(request: HttpRequest, public_id: UUID, number: int, page: int) -> HttpResponse:
    """The page's masks, and what is done with them."""
    record = policy.require(public_id, actor=request.actor, action="view")
    if not deeds.may_mask(request.actor, record):
        raise NotAllowed()
    document = actions.document_of(record, number)
    document.record = record
    if not 1 <= page <= (document.pages or 0):
        raise NotFound()
    refusal: InvalidInput | WrongState | deeds.TextNotReached | None = None
    if request.method == "POST":
        try:
            toast(request, _done(request, document, page))
            return redirect("access:masks", record.public_id, number, page)
        except (InvalidInput, WrongState, deeds.TextNotReached) as refused:
            refusal = refused
    live = Mask.objects.filter(record=record, document=number, lifted_at=None).select_related("made_by")
    context = {
        "record": record, "document": document, "page": page, "refusal": refusal, "typed": request.POST,
        "live": [(mask, _box(mask)) for mask in live.filter(page=page).order_by("id")],
        "elsewhere": sorted(set(live.exclude(page=page).values_list("page", flat=True))),
        "patterns": {key: label for key, (label, _pattern) in deeds.PATTERNS.items()},
        "previous": page - 1 if page > 1 else None, "next": page + 1 if page < (document.pages or 0) else None,
    }  # fmt: skip
    return render(request, "access/masks.html", context, status=422 if refusal else 200)


def _box(mask: Mask) -> dict[str, str]:
    """The rectangle in thousandths of the page, for the drawing over it."""
    across, down = mask.right - mask.left, mask.bottom - mask.top
    return {
        name: f"{value * 1000:.1f}"
        for name, value in (("x", mask.left), ("y", mask.top), ("width", across), ("height", down))
    }


def _done(request: HttpRequest, document: Document, page: int) -> str:
    said, now = request.POST, clock.now()
    reason = said.get("reason", "")
    if said.get("do") == "lift":
        wanted = [UUID(text) for text in said.getlist("mask") if _is_uuid(text)]
        count = deeds.lift_masks(document, wanted, actor=request.actor, now=now)
        return ngettext("%(n)d mask lifted.", "%(n)d masks lifted.", count) % {"n": count}
    if said.get("do") == "find":
        names = [
            name
            for name in said.get("names", "")[:1000].replace("、", "\n").replace("，", "\n").splitlines()
            if name.strip()
        ]
        count = deeds.mask_found(document, said.getlist("kinds"), names, reason=reason, actor=request.actor, now=now)
        return ngettext("%(n)d place found and masked.", "%(n)d places found and masked.", count) % {"n": count}
    count = deeds.mask_regions(document, page, _places(request), reason=reason, actor=request.actor, now=now)
    return ngettext("%(n)d place masked.", "%(n)d places masked.", count) % {"n": count}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _places(request: HttpRequest) -> list[deeds.Place]:
    """Rectangles in thousandths of the page, as lists of left, top, right, bottom; or one typed in percent."""
    try:
        drawn = json.loads(request.POST.get("places", "")[:20_000] or "[]")
        typed = [request.POST.get(name, "").strip()[:8] for name in ("left", "top", "right", "bottom")]
        places = [tuple(float(part) / 1000 for part in place) for place in drawn]
        if any(typed):
            places.append(tuple(float(part) / 100 for part in typed))
    except (ValueError, TypeError) as wrong:
        raise InvalidInput(
            _("A rectangle lies within the page: left before right, top before bottom."), field="places"
        ) from wrong
    if any(len(place) != 4 for place in places):
        raise InvalidInput(_("A rectangle lies within the page: left before right, top before bottom."), field="places")
    return places  # type: ignore[return-value]
