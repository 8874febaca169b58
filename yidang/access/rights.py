"""What a reader may do with a record, in words: may, until when, how often left, or not without permission."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yidang.access import under_grant
from yidang.access.models import Opening
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.catalogue.policy import NotHere
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed
from yidang.permissions.limits import admits_page
from yidang.permissions.models import Grant
from yidang.permissions.reach import has_uses_left


@dataclass(frozen=True)
class Right:
    """One action, whether it is allowed, and why.

    :param grants: the permissions that serve, where no other rule allows it
    """

    action: str
    label: str
    allowed: bool
    why: str
    grants: tuple[Grant, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is allowed without naming pages."""
        return self.allowed and (not self.grants or any(not one.pages for one in self.grants))

    def admits(self, document: int, page: int) -> bool:
        """Whether a page is among those that are open."""
        return self.allowed and (not self.grants or any(admits_page(one.pages, document, page) for one in self.grants))


def rights_of(record: Record, *, actor: Actor, now: datetime) -> dict[str, Right]:
    """View, print and copy for this reader and this record."""
    labels = {"view": _("View"), "print": _("Print"), "copy": _("Download the original")}
    return {action: _right(record, action, label, actor, now) for action, label in labels.items()}


def _right(record: Record, action: str, label: str, actor: Actor, now: datetime) -> Right:
    try:
        clause = policy.require_clause(actor, action, record, parts=True)
    except NotAllowed as refused:
        why = refused.message if isinstance(refused, NotHere) else _("Needs a permission; ask for access.")
        return Right(action, label, False, str(why))
    if clause.reason != "grant":
        return Right(action, label, True, why_allowed(clause.reason))
    grants = [
        one for one in under_grant.standing(record, action, actor=actor, now=now)
        if has_uses_left(one, action) or (action == "view" and _under_way(one, actor, now))
    ]  # fmt: skip
    if not grants:
        return Right(action, label, False, _("The permission has been used as often as it allows; ask again."))
    if action == "copy" and all(one.pages for one in grants):
        label = _("Download single pages")
    said = [why_allowed("grant"), *under_grant.limits_in_words(grants[0])]
    return Right(action, label, True, " ".join(said[:1]) + "、".join(said[1:]), tuple(grants))


def _under_way(grant: Grant, actor: Actor, now: datetime) -> bool:
    """Whether the last use of a permission is the one that is before the reader's eyes."""
    return Opening.objects.filter(
        grant=grant, session=actor.session, original=False, closed_at=None, ends_at__gt=now
    ).exists()


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
