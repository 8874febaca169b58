"""The record's page: page images on the left, description and custody on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from yidang import audit, search, vault
from yidang.access import serving
from yidang.access.certificates import may_certify
from yidang.access.delivered import sees_clear
from yidang.access.masks import may_mask
from yidang.access.rights import Right, rights_of
from yidang.catalogue import conversions, labels, policy, relating, schemes
from yidang.catalogue.actions import correcting
from yidang.catalogue.covering import uncovered
from yidang.catalogue.models import Document, Record, RecordClass
from yidang.catalogue.retention import end_of
from yidang.common import clock
from yidang.permissions.freezing import is_frozen
from yidang.search import favourites

# A page shows so many items of a volume; the catalogue's lists show all.
ITEMS_MOST = 500


@dataclass(frozen=True)
class Shown:
    """Which page of which document the reader has before them."""

    document: Document | None
    page: int
    open: Sequence[int] = ()  # the pages that the reader may see

    @property
    def pages(self) -> int:
        """Pages of the shown document; at least one, so that a text without pages still shows."""
        return (self.document.pages or 1) if self.document else 0

    @property
    def previous(self) -> int | None:
        """The page before."""
        return max((page for page in self.open if page < self.page), default=None)

    @property
    def next(self) -> int | None:
        """The page after."""
        return min((page for page in self.open if page > self.page), default=None)


def record(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One record on one page."""
    found = policy.require(public_id, actor=request.actor, action="see")
    now = clock.now()
    rights = rights_of(found, actor=request.actor, now=now)
    may_describe = policy.allowed(request.actor, "describe", found)
    may_view = rights["view"].allowed
    documents = list(found.documents.all())
    # Who is shown the pages as they are is shown the description so as well; lists and searches show it covered to all.
    seen_clear = sees_clear(policy.require_clause(request.actor, "see", found)) and uncovered(found, documents)
    shown = _shown(request, documents, rights["view"]) if may_view else Shown(None, 0)
    context = {
        "record": found,
        "documents": documents,
        "shown": shown,
        "page_numbers": shown.open,
        "rights": rights.values(),
        "may_view": may_view,
        "may_copy": rights["copy"].whole,
        "may_copy_pages": rights["copy"].allowed and not rights["copy"].whole,
        "may_print": rights["print"].allowed,
        "may_certify": may_certify(request.actor, found),
        "may_mask": may_mask(request.actor, found),
        "seen_clear": seen_clear,
        "frozen": is_frozen(found),
        "favourite": favourites.holds(found, request.actor),
        "may_describe": may_describe,
        "may_correct": correcting.may_propose(request.actor, found),
        "corrections": found.corrections.all()[:20] if may_describe else [],
        "q": request.GET.get("q", "")[:200],
        "fields": schemes.shown_fields(found, language=get_language() or "zh-hans"),
        "copies": vault.copies_of(found.object_id),
        "renditions": conversions.of_record(found),
        "may_convert": request.actor.has_duty("archivist") and bool(documents),
        "life": audit.entries_for(str(found.public_id), limit=50) if request.actor.has_duty("archivist") else None,
        "relations": relating.of_record(found, actor=request.actor),
        "ancestors": _ancestors(found),
        "volume": Record.objects.visible_to(request.actor).filter(pk=found.volume_id).first()
        if found.volume_id
        else None,
        "items": _items(found, request) if found.kind == Record.VOLUME else [],
        "retention_label": labels.retention(found.retention),
        "retention_end": end_of(found),
        "level_label": labels.level(found.level),
    }
    fragment = request.headers.get("HX-Target") == "viewer"
    return render(request, "access/_viewer.html" if fragment else "access/record.html", context)


def _shown(request: HttpRequest, documents: list[Document], right: Right) -> Shown:
    number, page = request.GET.get("document", ""), request.GET.get("page", "")
    opened = {
        item.number: [page for page in range(1, (item.pages or 1) + 1) if right.admits(item.number, page)]
        for item in documents
    }
    first = next((item for item in documents if opened[item.number]), documents[0] if documents else None)
    document = next((item for item in documents if str(item.number) == number and opened[item.number]), first)
    wanted = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    pages = opened[document.number] if document else []
    return Shown(document, min(pages, key=lambda page: abs(page - wanted), default=1), pages)


def _items(volume: Record, request: HttpRequest) -> list[Record]:
    """The items of a volume that the reader sees, in their order."""
    return list(Record.objects.visible_to(request.actor).filter(volume=volume).order_by("code")[:ITEMS_MOST])


def _ancestors(found: Record) -> list[RecordClass]:
    """The classes above the record, the topmost first."""
    chain: list[RecordClass] = []
    current: RecordClass | None = found.record_class
    while current is not None:
        chain.insert(0, current)
        current = current.parent
    return chain


def page_image(request: HttpRequest, public_id: UUID, number: int, page: int) -> HttpResponse:
    """The image of one page."""
    return serving.page_response(request, public_id, number, page)


def content(request: HttpRequest, public_id: UUID, number: int) -> HttpResponseBase:
    """The original, as a download."""
    return serving.original_response(request, public_id, number)


def hits(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """The pages of a record on which a word stands, for «next hit»."""
    found = policy.require(public_id, actor=request.actor, action="view")
    matches = search.pages_with(found, request.GET.get("q", "")[:200])
    return JsonResponse({"hits": [{"document": match.document, "page": match.page} for match in matches]})
