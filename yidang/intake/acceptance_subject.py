"""What approval is told about acceptance 接收: a hospital that sets a route for it has filings accepted by signature."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yidang.approval.models import Case
from yidang.approval.subjects import Subject, register
from yidang.catalogue.models import Record, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.intake import findings
from yidang.intake.actions import accepting
from yidang.intake.models import Submission


def shown(case: Case, actor: Actor, _now: datetime) -> dict[str, Any]:
    """What the decision screen shows: what was handed over, and what the checks said; the pages only to who may open them."""
    submission = Submission.objects.select_related("record__record_class", "department").get(public_id=case.subject)
    told = [found for found in submission.findings.order_by("pk") if found.level != "pass"]
    return {
        "filing": submission, "documents": list(submission.documents.all()),
        "told": list(dict.fromkeys(findings.in_words(found.code, found.params)[0] for found in told)),
        "readable": Record.objects.visible_to(actor).filter(pk=submission.record_id).exists(),
    }  # fmt: skip


def facts() -> dict[str, dict[str, Any]]:
    """The choices of a route's conditions."""
    return {
        "channel": {
            "web": _("The web form"), "button": _("The filing button"), "api": _("A system, by the API"),
            "batch": _("A batch or a transfer"), "command": _("A command at the server"),
        },
        "classes": {row.code: row.labels for row in RecordClass.objects.order_by("code")},
    }  # fmt: skip


def undone(case: Case, _now: datetime) -> None:
    """A refusal is taken back within minutes, while the filing still waits.

    :raises WrongState: it was accepted, returned or taken back
    """
    if Submission.objects.select_for_update().get(public_id=case.subject).state != Submission.RECEIVED:
        raise WrongState(_("This filing no longer waits; the signature cannot be taken back."), code="followed")


def lend() -> None:
    """Tell approval, when intake is loaded."""
    register(
        Subject(
            accepting.KIND, accepting.approved, template="intake/_acceptance_case.html", shown=shown,
            labels={"zh": "档案接收", "en": "Acceptance of filings"}, facts=facts, undone=undone, optional=True,
        )
    )  # fmt: skip
