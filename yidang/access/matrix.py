"""Deeds beside looking, by duty, worked out by asking each rule; docs/developer/permissions.md holds the table."""

from collections.abc import Callable

from django.db import transaction

from yidang.access import emergency, requests, trace_views, uses, watermarking
from yidang.common.actor import Actor
from yidang.people.models import Department, User
from yidang.people.policy import administers
from yidang.people.roles import ROLES
from yidang.permissions import explaining, freezing
from yidang.permissions.actions import may_issue

DEEDS: dict[str, Callable[[Actor], bool]] = {
    "ask for records": requests.may_ask,
    "register uses, certify copies": uses.may_register,
    "freeze access": freezing.may_freeze,
    "issue grants": may_issue,
    "open in an emergency": emergency.may_open,
    "review emergencies": emergency.may_review,
    "review late ones": emergency.may_judge_late,
    "say what the watermark says": watermarking.may_change,
    "trace a picture": trace_views.may_trace,
    "ask why others may": explaining.may_ask_about_others,
    "end a person's rights": administers,
}


def render() -> str:
    """The table in Markdown, a deed a row. Reviewing is asked of the medical affairs office; masking and sealing go with certifying."""
    with transaction.atomic():
        point = transaction.savepoint()
        actors = [_actor(role) for role in ROLES]
        told = {deed: ["yes" if may(actor) else "—" for actor in actors] for deed, may in DEEDS.items()}
        transaction.savepoint_rollback(point)
    head = "| deed | " + " | ".join(f"`{role}`" for role in ROLES) + " |"
    rows = [f"| {deed} | " + " | ".join(cells) + " |" for deed, cells in told.items()]
    return "\n".join([head, "|---|" + "---|" * len(ROLES), *rows])


def _actor(role: str) -> Actor:
    office, _made = Department.objects.get_or_create(key=emergency.REVIEWERS)
    user = User.objects.create(username=f"matrix.{role}", display_name=role, department=office)
    return Actor("person", user.username, user_id=user.pk, department_id=office.pk, duties=frozenset({role}))
