"""What a reader may do with a record, in words: may, until when, how often left, or not without permission."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common.actor import Actor


@dataclass(frozen=True)
class Right:
    """One action, whether it is allowed, and why."""

    action: str
    label: str
    allowed: bool
    why: str


def rights_of(record: Record, *, actor: Actor, now: datetime) -> dict[str, Right]:
    """View, print and copy for this reader and this record."""
    labels = {"view": _("View"), "print": _("Print"), "copy": _("Download the original")}
    return {action: _right(record, action, label, actor) for action, label in labels.items()}


def _right(record: Record, action: str, label: str, actor: Actor) -> Right:
    clause = policy.clause_for(actor, action, record)
    if clause is None:
        return Right(action, label, False, _("Needs a permission; ask for access."))
    return Right(action, label, True, why_allowed(clause.reason))


def why_allowed(reason: str) -> str:
    """The clause that allowed something, in words."""
    return {
        "duty.archivist": _("You keep this branch of the archive."),
        "duty.records_clerk": _("You keep the medical records."),
        "class.hospital": _("Open to everyone in the hospital."),
        "class.department": _("Made by your department."),
        "care": _("You treat this patient."),
        "emergency": _("Emergency access: it ends by itself and is reviewed."),
        "grant": _("A permission was granted to you."),
    }.get(reason, reason)
