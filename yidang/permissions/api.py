"""Grants and explanations over HTTP: ``/api/v1/grants``, ``/api/v1/permissions/explain``."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.permissions import actions, explaining
from yidang.permissions.models import Grant
from yidang.permissions.records import public_ids
from yidang.ui.paging import page

router = Router(tags=["permissions"])


@router.get("/grants", summary="My grants")
def mine(request: HttpRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """The caller's grants, the newest first, with what is left of them."""
    now = clock.now()
    found = page(Grant.objects.filter(subject_id=request.actor.user_id), order_by=("-id",), cursor=cursor, limit=limit)
    records = public_ids({grant.record_id for grant in found})
    return found.as_json(
        [
            {
                "id": str(grant.public_id),
                "record": records.get(grant.record_id),
                "actions": [name for name, flag in actions.FLAGS.items() if getattr(grant, flag)],
                "until": grant.until,
                "times_left": actions.left_of(grant),
                "sheets_left": actions.left_of(grant, sheets=True) if grant.may_print else None,
                "pages": grant.pages,
                "address": grant.address,
                "live": grant.revoked_at is None
                and grant.until > now
                and (grant.times is None or grant.used < grant.times),
                "revoked_at": grant.revoked_at,
            }
            for grant in found
        ]
    )


@router.delete("/grants/{public_id}", response={204: None}, summary="Revoke a grant")
def revoke(request: HttpRequest, public_id: UUID) -> tuple[int, None]:
    """End a grant, with effect on the next call."""
    grant = Grant.objects.filter(public_id=public_id).first()
    if grant is None:
        raise NotFound()
    record = public_ids({grant.record_id}).get(grant.record_id, "")
    actions.revoke_grant(grant, actor=request.actor, now=clock.now(), record=record)
    return 204, None


@router.get("/permissions/explain", summary="Why yes or no")
def explain(request: HttpRequest, record: str, action: str = "view", user: str = "") -> dict[str, Any]:
    """Why a person may or may not do something with a record: about oneself, or, for the security administrator and archivists, about others."""
    told = explaining.explain_for(request.actor, record=record, action=action, username=user)
    return {
        "allowed": told.answer.allowed,
        "reason": told.answer.reason,
        "sentence": told.sentence,
        "action": told.answer.action,
        "user": told.username,
        "record": told.record,
        "rules": list(told.answer.tried),
    }
