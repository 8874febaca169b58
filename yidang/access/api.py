"""Page images and originals over HTTP: ``/api/v1/records/…/documents/…``."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from yidang.access import serving

router = Router(tags=["records"])


@router.get("/records/{public_id}/documents/{number}/pages/{page}", summary="A page image with watermark")
def page_image(request: HttpRequest, public_id: UUID, number: int, page: int, width: str = "") -> HttpResponseBase:
    """One page at a width of 320, 800, 1240 or 2000 pixels; looking is written to the log."""
    return serving.page_response(request, public_id, number, page)


@router.get("/records/{public_id}/documents/{number}/content", summary="The original")
def content(request: HttpRequest, public_id: UUID, number: int) -> HttpResponseBase:
    """The original's bytes under a right that says so; ranges are answered."""
    return serving.original_response(request, public_id, number)
