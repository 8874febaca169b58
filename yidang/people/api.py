"""Who calls: ``/api/v1/me``."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from yidang.people.models import Department

router = Router(tags=["people"])


@router.get("/me", summary="Who calls")
def me(request: HttpRequest) -> dict[str, Any]:
    """The caller's name, duties, department and scopes."""
    actor = request.actor
    department = Department.objects.filter(pk=actor.department_id).first() if actor.department_id else None
    return {
        "kind": actor.kind,
        "username": actor.username,
        "on_behalf_of": actor.on_behalf_of or None,
        "department": department.key if department else None,
        "duties": sorted(actor.duties),
        "scopes": None if actor.scopes is None else sorted(actor.scopes),
    }
