"""Page images and originals over HTTP: ``/api/v1/records/…/documents/…``."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema, Status

from yidang.access import emergency, request_api, serving
from yidang.common import clock

router = Router(tags=["records"])
router.add_router("", request_api.router)


@router.get("/records/{public_id}/documents/{number}/pages/{page}", summary="A page image with watermark")
def page_image(request: HttpRequest, public_id: UUID, number: int, page: int, width: str = "") -> HttpResponseBase:
    """One page at a width of 320, 800, 1240 or 2000 pixels; looking is written to the log."""
    return serving.page_response(request, public_id, number, page)


@router.get("/records/{public_id}/documents/{number}/content", summary="The original")
def content(request: HttpRequest, public_id: UUID, number: int) -> HttpResponseBase:
    """The original's bytes under a right that says so; ranges are answered."""
    return serving.original_response(request, public_id, number)


class EmergencyAsked(Schema):
    """Which record, by id or code (or the patient's number), and why now."""

    record: str
    reason: str


@router.post("/emergency-access", response={201: dict[str, Any]}, summary="Open a patient's records in an emergency")
def emergency_access(request: HttpRequest, asked: EmergencyAsked) -> Status[dict[str, Any]]:
    """For clinicians: 30 minutes, view only, one patient; a review is opened."""
    serving.reader_of(request)
    opened = emergency.open_in_emergency(asked.record, reason=asked.reason, actor=request.actor, now=clock.now())
    answer: dict[str, Any] = {
        "id": str(opened.public_id),
        "actions": ["view"],
        "until": opened.ends_at.isoformat(),
        "review_due": opened.review_due_at.isoformat(),
    }
    return Status(201, answer)
