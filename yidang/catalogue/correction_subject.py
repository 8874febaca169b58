"""What approval is told about corrections: the routes to begin with, and what a signer sees."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yidang.approval.models import Case
from yidang.approval.subjects import Subject, register
from yidang.catalogue import schemes
from yidang.catalogue.actions import correcting
from yidang.catalogue.actions.description import label_of
from yidang.catalogue.models import Correction, Record, RecordClass
from yidang.common.actor import Actor

_INSTEAD = [{"by": "duty", "value": role} for role in ("leader", "approver")]
_HEAD = {"signers": [{"by": "department_head"}], "need": "any", "otherwise": _INSTEAD}
_ROOM = {"signers": [{"by": "duty", "value": "archivist"}], "need": "any", "reauth": True, "otherwise": _INSTEAD}
_LEADER = {
    "signers": [{"by": "duty", "value": "leader"}], "need": "any", "reauth": True,
    "otherwise": [{"by": "duty", "value": "approver"}],
}  # fmt: skip

DEFAULT_ROUTES = (
    {
        "key": "sensitive", "labels": {"zh": "敏感与受限", "en": "Sensitive and restricted"},
        "conditions": {"levels": {"min": 2}}, "steps": [_HEAD, _ROOM, _LEADER], "target_hours": 16,
    },
    {"key": "usual", "labels": {"zh": "一般更正", "en": "Any other"}, "conditions": {}, "steps": [_HEAD, _ROOM], "target_hours": 16},
)  # fmt: skip


def lines(correction: Correction) -> list[tuple[str, str, str]]:
    """What changes: the field's word, what stood there, what is to stand there; of the scheme each field by itself."""
    said: list[tuple[str, str, str]] = []
    for name, after in correction.after.items():
        before = correction.before.get(name)
        if name != "metadata":
            said.append((label_of(name), _text(before), _text(after)))
            continue
        words = {
            spec.key: spec.label for spec in schemes.form_fields(correction.record.record_class, language="zh-hans")
        }
        for key in dict.fromkeys([*(before or {}), *after]):
            old, new = (before or {}).get(key, ""), after.get(key, "")
            if old != new:
                said.append((words.get(key, key), _text(old), _text(new)))
    return said


def _text(value: Any) -> str:
    return "；".join(map(str, value)) if isinstance(value, list) else str(value or "")


def shown(case: Case, actor: Actor, _now: datetime) -> dict[str, Any]:
    """What the decision screen shows; a signer sees what changes because they sit on the case."""
    correction = Correction.objects.select_related("record__record_class", "asker__department").get(
        public_id=case.subject
    )
    readable = Record.objects.visible_to(actor).filter(pk=correction.record_id).exists()
    return {"correction": correction, "lines": lines(correction), "readable": readable}


def facts() -> dict[str, dict[str, Any]]:
    """The choices of a route's conditions."""
    return {
        "fields": {name: label_of(name) for name in ("title", "document_number", "creator", "date", "parties")}
        | {"metadata": _("Fields of the class")},
        "classes": {row.code: row.labels for row in RecordClass.objects.order_by("code")},
    }


def lend() -> None:
    """Tell approval, when the catalogue is loaded."""
    register(
        Subject(
            correcting.KIND, correcting.apply, correcting.ended, template="catalogue/_correction_case.html", shown=shown,
            labels={"zh": "档案著录更正", "en": "Corrections of archived records"}, facts=facts,
            default_routes=DEFAULT_ROUTES, undone=correcting.reopened,
        )
    )  # fmt: skip
