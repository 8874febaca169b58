"""The template of the visible watermark: which words stand on every page, changed on a page, written to the log."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.access.models import Opening
from yidang.access.watermark import STRENGTH
from yidang.access.watermark_models import WatermarkTemplate
from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, register
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.people.departments import department_name
from yidang.people.models import Department
from yidang.permissions.models import Grant

USUAL = "{who} {department} {address} {time}"
PLACES = {
    "who": gettext_lazy("name of the reader"),
    "account": gettext_lazy("user name of the reader"),
    "department": gettext_lazy("department of the reader"),
    "time": gettext_lazy("when it was opened"),
    "address": gettext_lazy("address of the device"),
    "request": gettext_lazy("number of the permission, where one opened it"),
    "code": gettext_lazy("archival code"),
    "hospital": gettext_lazy("the hospital"),
}
WEAKEST, STRONGEST = 40, 110  # below, it is lost on a photograph; above, it hides what stands under it
_PLACE = re.compile(r"\{([^{}]*)\}")


def may_change(actor: Actor) -> bool:
    """Archivists and the security administrator."""
    return actor.kind == "person" and actor.has_duty("archivist", "security_admin")


def in_force() -> tuple[str, int]:
    """The text and the strength of now."""
    newest = WatermarkTemplate.objects.order_by("-id").values_list("text", "strength").first()
    return newest or (USUAL, STRENGTH)


def checked(text: str, strength: int) -> tuple[str, int]:
    """A template that can be used.

    :raises InvalidInput: it names nobody or no time, has unknown places, is too long, or too weak or strong
    """
    text = " ".join(text.split())
    places = set(_PLACE.findall(text))
    unknown = places - PLACES.keys()
    if unknown or "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        raise InvalidInput(
            _("The watermark has no place «%(name)s».") % {"name": "、".join(sorted(unknown))[:40] or "{"}, field="text",
            remedy=_("Use the places that are listed."),
        )  # fmt: skip
    if not places & {"who", "account"} or "time" not in places:
        raise InvalidInput(_("A watermark says at least who and when."), field="text")
    if len(text) > 120:
        raise InvalidInput(_("The watermark is longer than 120 characters."), field="text")
    if not WEAKEST <= strength <= STRONGEST:
        raise InvalidInput(
            _("The strength is between %(least)d and %(most)d.") % {"least": WEAKEST, "most": STRONGEST},
            field="strength",
        )  # fmt: skip
    return text, strength


def change_watermark(text: str, strength: int, *, actor: Actor, now: datetime) -> WatermarkTemplate:
    """Put a new template in force, for every page that is opened from now on.

    :raises NotAllowed: the actor does not say what it says
    :raises InvalidInput: see :func:`checked`
    """
    if not may_change(actor):
        raise NotAllowed()
    text, strength = checked(text, strength)
    with transaction.atomic():
        made = WatermarkTemplate.objects.create(text=text, strength=strength, made_by_id=actor.user_id, made_at=now)
        audit.write(
            "access.watermark.changed", actor=actor, target_kind="watermark", target=made.pk, now=now,
            facts={"text": text, "strength": strength}, row=_digests([str(made.pk)])[str(made.pk)],
        )  # fmt: skip
    return made


def _digests(keys: Sequence[str]) -> dict[str, str]:
    rows = WatermarkTemplate.objects.filter(pk__in=[int(key) for key in keys])
    return {
        str(row.pk): hash_body(canonical(["watermark/1", row.text, row.strength, row.made_at.isoformat()]))
        for row in rows
    }


def lend() -> None:
    """Have the templates compared with the log."""
    keys = WatermarkTemplate.objects.order_by("pk").values_list("pk", flat=True)
    register(RowKind("watermark", _digests, lambda: [str(key) for key in keys.all()]))


def words(template: str, actor: Actor, opening: Opening) -> str:
    """The template with its places filled for one opening."""
    asked = set(_PLACE.findall(template))
    department = None
    if "department" in asked and actor.department_id:
        department = Department.objects.filter(pk=actor.department_id).first()
    filled = {
        "who": actor.display_name or actor.username,
        "account": actor.username,
        "department": department_name(department) if department else settings.HOSPITAL_NAME,
        "time": localtime(opening.opened_at).strftime("%Y-%m-%d %H:%M"),
        "address": opening.address,
        "request": _request(actor, opening) if "request" in asked else "",
        "code": (opening.record.code or opening.record.accession_number) if "code" in asked else "",
        "hospital": settings.HOSPITAL_NAME,
    }
    return " ".join(_PLACE.sub(lambda place: filled.get(place[1], ""), template).split())


def _request(actor: Actor, opening: Opening) -> str:
    if opening.because != "grant":
        return ""
    mine = Grant.objects.filter(
        subject_id=actor.user_id, record_id=opening.record_id, revoked_at=None, until__gt=opening.opened_at
    ).first()
    return str(mine.public_id)[:8].upper() if mine else ""
