"""Page images and originals as responses; the pages of the interface and the API share them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from yidang import digitisation, vault
from yidang.access import actions
from yidang.access.delivered import page_bytes, sees_clear
from yidang.access.ranges import is_later_part, ranged_response
from yidang.access.watermark import watermarked
from yidang.access.watermarking import in_force, words
from yidang.catalogue import policy
from yidang.catalogue.models import Record, Rendition
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound

WIDTHS = (320, 800, 1240, 2000)


def asked_width(text: str) -> int:
    """The smallest width we render that is not below the one asked for.

    :raises InvalidInput: it is not a number
    """
    if not text:
        return 1240
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise InvalidInput(
            _("The width «%(width)s» is not a number of pixels.") % {"width": text[:20]}, field="width",
            remedy=_("Ask for 320, 800, 1240 or 2000."),
        )  # fmt: skip
    return next((width for width in WIDTHS if width >= int(text)), WIDTHS[-1])


def reader_of(request: HttpRequest) -> Actor:
    """Who asks; a client needs the scope of reading, whatever its owner may."""
    actor: Actor = request.actor
    if not actor.may_use("records"):
        raise NotAllowed(
            _("This token does not have the scope «%(scope)s».") % {"scope": "records"}, code="scope_missing",
            remedy=_("Ask the security administrator for a client with that scope."),
        )  # fmt: skip
    return actor


def page_response(request: HttpRequest, public_id: UUID, number: int, page: int) -> HttpResponse:
    """One page image at the asked width with the watermark of this opening burnt in."""
    actor = reader_of(request)
    width = asked_width(request.GET.get("width", ""))
    record = policy.require(public_id, actor=actor, action="see")
    clause = actions.way_to_page(record, number, page, actor=actor, now=clock.now()).clause
    document = actions.document_of(record, number)
    if page < 1 or (document.pages is not None and page > document.pages):
        raise NotFound()
    clean = page_bytes(document, page, width, clear=lambda: sees_clear(clause))
    opening = actions.open_document(record, number, actor=actor, page=page, now=clock.now())
    template, strength = in_force()
    image = watermarked(clean, words(template, actor, opening), trace=opening.pk, strength=strength)
    # Asked once more with the image in hand: what was revoked while it was drawn does not leave.
    actions.way_to_page(record, number, page, actor=actor, now=clock.now())
    digitisation.draw_ahead(document, page + 1, width)
    response = HttpResponse(image, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _beside(record: Record, number: int, form: str) -> Rendition | None:
    """The conversion that is asked for instead of the original; nothing when none is asked for.

    :raises NotFound: none of this form is kept
    """
    if not form:
        return None
    found = Rendition.objects.filter(document__record=record, document__number=number, target=form)
    made = found.filter(outcome=Rendition.KEPT).first()
    if made is None:
        raise NotFound()
    return made


def original_response(request: HttpRequest, public_id: UUID, number: int) -> HttpResponseBase:
    """An original as a download, or with ``form`` a conversion kept beside it; whole or a range of it."""
    actor = reader_of(request)
    record = policy.require(public_id, actor=actor, action="see")
    part = is_later_part(request.headers.get("Range", ""))
    made = _beside(record, number, request.GET.get("form", ""))
    form = made.target if made else ""
    document = actions.release_original(record, number, actor=actor, now=clock.now(), part=part, form=form)
    stream = vault.open_file(record.object_id, made.path if made else document.path)
    facts = made or document
    name = f"{document.name}.{made.path.rpartition('.')[2]}" if made else document.name
    response = ranged_response(
        request, stream, size=facts.size, mime=facts.mime, name=name, digest=facts.sha256,
        still=lambda: actions.may_go_on(record, number, actor=actor, now=clock.now()),
    )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response
