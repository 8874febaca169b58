"""What people ask of digitisation."""

from django.db import transaction

from yidang import audit, jobs
from yidang.catalogue.models import Document
from yidang.common.actor import Actor


@transaction.atomic
def read_again(document: Document, *, actor: Actor) -> None:
    """Have a document's text read once more. The caller has asked permission for its record."""
    Document.objects.filter(pk=document.pk).update(text_state="pending")
    jobs.later("digitisation.extract", actor=actor, record_id=document.record_id)
    audit.write(
        "digitisation.text.asked", actor=actor, target_kind="record", target=document.record.public_id,
        facts={"document": document.number},
    )  # fmt: skip
