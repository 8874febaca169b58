"""Routes, deputies and duty officers bound to the log by the digests of their rows; decisions by their signatures."""

from yidang.approval.models import Delegation, Route, Watch
from yidang.approval.signing import check_signatures
from yidang.audit.rows import register_fields, register_signed

ROUTE, DELEGATION, WATCH = "approval_route", "delegation", "watch"


def lend() -> None:
    """Have these rows compared with the log."""
    fields = ("kind", "key", "version", "labels", "conditions", "steps", "position", "is_current", "target_hours")
    register_fields(ROUTE, Route, "pk", fields)
    register_fields(DELEGATION, Delegation, "pk", ("principal__username", "deputy__username", "begins_at", "ends_at"))
    register_fields(WATCH, Watch, "pk", ("officer__username", "begins_at", "ends_at"))
    register_signed("decision", check_signatures)
