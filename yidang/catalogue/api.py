"""Records over HTTP: ``/api/v1/records``, ``/classes``, ``/retention-rules``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from yidang.catalogue import policy, queries, relating
from yidang.catalogue.models import Record, RecordClass, RetentionRule
from yidang.catalogue.package import LEVELS
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.permissions.reach import COPY, VIEW
from yidang.ui.paging import MOST, page

router = Router(tags=["records"])


def item_json(record: Record) -> dict[str, Any]:
    """A record as lists show it."""
    return {
        "id": str(record.public_id),
        "code": record.code or None,
        "code_state": record.code_state or None,
        "accession_number": record.accession_number,
        "title": record.title,
        "class": record.record_class.code,
        "level": record.kind,
        "date": record.date or None,
        "department": record.department.key if record.department else None,
        "retention": record.retention,
        "security": LEVELS[record.level],
        "state": record.state,
    }


def _require_scope(request: HttpRequest, scope: str) -> None:
    if not request.actor.may_use(scope):
        raise NotAllowed(
            _("This token does not have the scope «%(scope)s».") % {"scope": scope}, code="scope_missing",
            remedy=_("Ask the security administrator for a client with that scope."),
        )  # fmt: skip


@router.get("/records", summary="Records that the caller sees")
def list_records(
    request: HttpRequest,
    fonds: str = "",
    year: str = "",
    code: str = "",
    state: str = "",
    department: str = "",
    updated_since: str = "",
    cursor: str = "",
    limit: str = "50",
) -> dict[str, Any]:
    """By class (its branch), fonds, year, code (or its beginning), state, department, updated since; the newest first."""
    _require_scope(request, "records")
    wanted = queries.RecordFilter(
        record_class=request.GET.get("class", ""),
        fonds=fonds,
        year=_number("year", year) if year else None,
        code=code,
        state=state,
        department=department,
        updated_since=_moment(updated_since) if updated_since else None,
    )
    visible, most = queries.Visible(request.actor), _most(limit)
    found, strands = visible.listed(wanted)
    listed = visible.page(
        found,
        lambda rows: page(rows, order_by=("-received_at", "-id"), cursor=cursor, limit=most, strands=strands),
    )
    return listed.as_json([item_json(record) for record in listed.items])


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidInput(
            _("«%(value)s» is not a whole number.") % {"value": text[:40]}, field=field, remedy=_("Use digits only.")
        )
    return int(text)


def _most(limit: str) -> int:
    return min(max(_number("limit", limit), 1), MOST)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            _("«%(value)s» is not a time with its offset.") % {"value": text[:40]}, field="updated_since",
            remedy=_("Write it as 2026-03-05T09:00:00+08:00."),
        )  # fmt: skip
    return moment


@router.get("/records/{public_id}", summary="One record")
def show_record(request: HttpRequest, public_id: UUID) -> dict[str, Any]:
    """The whole description, its documents, and what the caller may do."""
    _require_scope(request, "records")
    record = policy.require(public_id, actor=request.actor)
    return {
        **item_json(record),
        "fonds": record.fonds.code,
        "year": record.year,
        "document_number": record.document_number,
        "creator": record.creator,
        "description": record.description,
        "keywords": record.keywords,
        "parties": record.parties,
        "metadata": record.metadata,
        "workflow": record.workflow,
        "received_at": record.received_at,
        "archived_at": record.archived_at,
        "documents": [
            {
                "number": document.number, "role": document.role, "name": document.name, "size": document.size,
                "sha256": document.sha256, "sm3": document.sm3, "format": document.format, "mime": document.mime,
                "pages": document.pages, "text": document.text_state,
            }
            for document in record.documents.all()
        ],
        "relations": [
            {"kind": one.relation.kind, "direction": one.direction, "record": str(one.other.public_id),
             "code": one.other.code or None, "title": one.other.title, "since": one.relation.made_at}
            for one in relating.of_record(record, actor=request.actor)
        ],
        "rights": {action: policy.allowed(request.actor, action, record) for action in (VIEW, COPY)},
    }  # fmt: skip


@router.get("/classes", summary="The classes of records")
def list_classes(request: HttpRequest, cursor: str = "", limit: str = "200") -> dict[str, Any]:
    """Code, names, retention and the scheme's fields of every class."""
    _require_scope(request, "records")
    found = RecordClass.objects.filter(is_active=True).select_related("scheme", "fonds")
    listed = page(found, order_by=("position", "id"), cursor=cursor, limit=_most(limit))
    return listed.as_json(
        [
            {
                "fonds": item.fonds.code, "code": item.code, "labels": item.labels, "takes_records": item.takes_records,
                "retention": item.default_retention, "fields": item.scheme.fields if item.scheme else [],
            }
            for item in listed.items
        ]
    )  # fmt: skip


@router.get("/retention-rules", summary="The retention schedule")
def list_rules(request: HttpRequest, cursor: str = "", limit: str = "200") -> dict[str, Any]:
    """The rows of the schedule with their bases; ``class`` narrows to a branch."""
    _require_scope(request, "records")
    found = RetentionRule.objects.select_related("schedule")
    if code := request.GET.get("class", ""):
        found = found.filter(Q(class_code=code) | Q(class_code__startswith=f"{code}·"))
    listed = page(found, order_by=("schedule_id", "key", "id"), cursor=cursor, limit=_most(limit))
    return listed.as_json(
        [
            {
                "key": rule.key, "class": rule.class_code, "title": rule.title, "retention": rule.retention,
                "trigger": rule.trigger, "basis": rule.basis, "note": rule.note,
                "schedule": rule.schedule.version, "status": rule.schedule.status,
            }
            for rule in listed.items
        ]
    )  # fmt: skip
