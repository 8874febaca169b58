"""Filing over HTTP: ``/api/v1/filings``."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Response

from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, YidangError
from yidang.intake import actions, findings, queries, receipts, tickets, uploads
from yidang.intake.envelope import read_envelope
from yidang.intake.models import Submission
from yidang.ui.errors import problem_body

router = Router(tags=["filings"])

BATCH_MOST = 1000


class DocumentNamed(Schema):
    """The one document that a ticket is for."""

    source_system: str = ""
    source_id: str = ""


@router.post("/filing-tickets", summary="Get a ticket for one document")
def give_ticket(request: HttpRequest, body: DocumentNamed) -> dict[str, Any]:
    """A ticket with which a page may file this document, and nothing else, for a quarter of an hour."""
    ticket, ends = tickets.issue(
        request.actor, source_system=body.source_system, source_id=body.source_id, now=clock.now()
    )
    return {"ticket": ticket, "expires_at": ends}


@router.post("/filings", summary="File one record", auth=tickets.caller, openapi_extra=uploads.FILING_BODY)
def file_one(request: HttpRequest) -> Response:
    """Take a submission with its files; 201 once kept on every required site, 200 if it was filed before."""
    outcome = _file(request, request.POST.get("submission", ""), request.FILES.getlist("files"))
    return Response(receipts.receipt_json(outcome.receipt), status=200 if outcome.repeated else 201)


def _file(request: HttpRequest, text: str, files: list[Any]) -> actions.Outcome:
    if not text:
        raise InvalidInput(
            _("The field «submission» is missing."), field="submission",
            remedy=_("Send multipart/form-data with «submission» (JSON) and «files»."),
        )  # fmt: skip
    uploads.check_file_count(len(files))
    envelope = read_envelope(uploads.parse_json(text, field="submission"))
    tickets.require(request, envelope.source_system, envelope.source_id)
    channel = "button" if request.headers.get("X-Yidang-Channel") == "button" else "api"
    return actions.receive(
        envelope, stage=uploads.from_uploads(envelope, files), actor=request.actor, channel=channel, now=clock.now()
    )


@router.post("/filings/batch", summary="File many records", openapi_extra=uploads.BATCH_BODY)
def file_many(request: HttpRequest) -> dict[str, Any]:
    """Take many submissions; one result each, in order, and one failure does not stop the rest."""
    if (request.content_type or "").startswith("multipart/"):
        data = uploads.parse_json(request.POST.get("submissions", ""), field="submissions")
        members = iter(uploads.from_multipart_batch(data, request.FILES.getlist("files")))
    else:
        members = uploads.from_tar(request)
    results = [
        _result(result)
        for result in actions.receive_batch(members, actor=request.actor, now=clock.now(), most=BATCH_MOST)
    ]
    return {"results": results, "failed": sum("problem" in result for result in results)}


def _result(result: actions.Outcome | YidangError) -> dict[str, Any]:
    if isinstance(result, YidangError):
        return {"problem": problem_body(result)}
    return {"receipt": receipts.receipt_json(result.receipt), "repeated": result.repeated}


@router.get("/filings/{public_id}", summary="State, findings and receipt of a filing")
def show(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    """What became of a filing, for whoever filed it, their department and the archivists."""
    submission = queries.submission_for(request.actor, public_id)
    receipt = getattr(submission, "receipt", None)
    return {
        "id": str(submission.public_id),
        "state": submission.state,
        "source_system": submission.source_system,
        "source_id": submission.source_id,
        "title": submission.title,
        "submitted_at": submission.submitted_at,
        "record": str(submission.record.public_id) if submission.record else None,
        "findings": [findings.as_json(found) for found in submission.findings.order_by("id")],
        "returns": [{"by": row.by, "at": row.at, "reason": row.reason} for row in submission.returns.order_by("id")],
        "receipt": receipts.receipt_json(receipt) if receipt and submission.state != Submission.WITHDRAWN else None,
    }


@router.get("/filings", summary="Find a filing by its source", auth=tickets.caller)
def find(request: HttpRequest, source_system: str, source_id: str) -> dict[str, Any]:
    """The filing of a source system's document: how a page that was closed half-way learns what became of it."""
    tickets.require(request, source_system, source_id)
    submission = queries.submission_of_source(request.actor, source_system, source_id)
    if submission is None:
        raise NotFound()
    return show(request, submission.public_id)


@router.delete("/filings/{public_id}", response={204: None}, summary="Take a filing back")
def withdraw(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """Take back a filing that no archivist has accepted yet; its receipt is void from then on."""
    submission = queries.submission_for(request.actor, public_id)
    actions.withdraw(submission, actor=request.actor, reason="", now=clock.now())
    return 204, None
