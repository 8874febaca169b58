"""What people ask of digitisation."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit, jobs
from yidang.catalogue.models import Document
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.digitisation.models import LateFinding


class AlreadySettled(WrongState):
    """Somebody settled the finding first."""

    code = "finding_settled"

    def __init__(self) -> None:
        super().__init__(
            _("This finding has been settled already."), remedy=_("Open the list again; it shows what is still open.")
        )


@transaction.atomic
def read_again(document: Document, *, actor: Actor) -> None:
    """Have a document's text read once more. The caller has asked permission for its record."""
    Document.objects.filter(pk=document.pk).update(text_state="pending")
    jobs.later("digitisation.extract", actor=actor, record_id=document.record_id)
    audit.write(
        "digitisation.text.asked", actor=actor, target_kind="record", target=document.record.public_id,
        facts={"document": document.number},
    )  # fmt: skip


@transaction.atomic
def read_lost(documents: Sequence[Document]) -> None:
    """Have the texts of documents made anew that should be there and are not; search found them gone."""
    Document.objects.filter(pk__in=[one.pk for one in documents]).update(text_state="pending")
    records = sorted({one.record_id for one in documents})
    jobs.later_many(
        "digitisation.extract", [{"record_id": pk} for pk in records], keys=[f"lost {pk}" for pk in records]
    )
    audit.write(
        "digitisation.text.lost", actor=Actor.system("search"), outcome="failed",
        facts={"documents": len(documents), "records": len(records)},
    )  # fmt: skip


@transaction.atomic
def settle(found: LateFinding, *, note: str, actor: Actor, now: datetime) -> None:
    """Say what was done about a finding. The caller has asked permission for its record.

    :raises InvalidInput: nothing is said
    :raises AlreadySettled: somebody did so first
    """
    said = note.strip()
    if not said or len(said) > 300:
        raise InvalidInput(
            _("Say in a sentence what was done about it."), field="note", remedy=_("Write one to 300 characters.")
        )
    mine = LateFinding.objects.filter(pk=found.pk, settled_at=None)
    if not mine.update(settled_at=now, settled_by=actor.username, note=said):
        raise AlreadySettled()
    audit.write(
        "digitisation.finding.settled", actor=actor, target_kind="record", target=found.document.record.public_id, now=now,
        facts={"document": found.document.number, "code": found.code, "note": said},
    )  # fmt: skip
