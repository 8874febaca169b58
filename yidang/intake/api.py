"""Filing over HTTP: ``/api/v1/filings``."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.responses import Response

from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, YidangError
from yidang.intake import actions, findings, queries, receipts, tickets, uploads
from yidang.intake.actions import reconciling
from yidang.intake.envelope import read_envelope
from yidang.intake.list_reading import ITEMS_MOST, read_json
from yidang.intake.models import ListedItem, SourceList, Submission
from yidang.ui.errors import problem_body
from yidang.ui.paging import page_of_request

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


class ListedLine(Schema):
    """One document that the source finished: its id there, and its files as digests or as a number."""

    source_id: str
    title: str = ""
    sha256: list[str] = []
    files: int | None = None


class GivenList(Schema):
    """What ought to have come; ``everything``: whatever of this system is here and not named is told as well."""

    source_system: str
    name: str
    everything: bool = False
    period_from: date | None = None
    period_until: date | None = None
    items: list[ListedLine] = Field(max_length=ITEMS_MOST)


@router.post("/source-lists", response={201: dict[str, Any]}, summary="Compare a list with what arrived")
def give_list(request: HttpRequest, body: GivenList) -> Status[dict[str, Any]]:
    """Say what your system finished; the answer counts what is here, missing, altered, stopped and not on the list."""
    given = reconciling.take_list(
        read_json(line.dict() for line in body.items), source_system=body.source_system, name=body.name,
        everything=body.everything, period=(body.period_from, body.period_until), actor=request.actor, now=clock.now(),
    )  # fmt: skip
    return Status(201, _list_json(given))


def _list_json(given: SourceList) -> dict[str, Any]:
    return {
        "id": str(given.public_id), "source_system": given.source_system, "name": given.name, "size": given.size,
        "given_at": given.given_at, "compared_at": given.checked_at, "counts": given.counts,
        "closed_at": given.closed_at,
    }  # fmt: skip


@router.get("/source-lists/{public_id}", summary="What became of a list")
def show_list(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    """The counts of a list; ``compared_at`` is empty until a long one has been compared."""
    return _list_json(queries.list_for(request.actor, public_id))


@router.get("/source-lists/{public_id}/items", summary="The lines of a list by outcome")
def show_lines(request: HttpRequest, public_id: UUID, outcome: str = "missing") -> dict[str, Any]:
    """What is ``missing`` (or ``altered``, ``stopped``, ``extra``, ``excused``, ``held``), a page at a time."""
    given = queries.list_for(request.actor, public_id)
    if outcome not in ListedItem.Outcome.values:
        raise InvalidInput(_("There is no such outcome."), field="outcome", code="unknown_outcome")
    page = page_of_request(request, given.items.filter(outcome=outcome), order_by=("id",))
    return page.as_json(
        [{"source_id": item.source_id, "title": item.title, "outcome": item.outcome} for item in page.items]
    )
