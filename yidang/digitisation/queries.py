"""Questions about what the checks after the receipt found."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from yidang import formats
from yidang.catalogue.models import Record, among
from yidang.common.actor import Actor
from yidang.digitisation.models import LateFinding


def open_findings(actor: Actor) -> QuerySet[LateFinding]:
    """What nobody has settled yet, of the records that the actor may describe."""
    visible = Record.objects.visible_to(actor, "describe")
    return LateFinding.objects.filter(among(visible, "document__record_id"), settled_at=None)


def of_record(record: Record) -> QuerySet[LateFinding]:
    """Everything that was found about a record's documents after its receipt, open findings first."""
    found = LateFinding.objects.filter(document__record=record).select_related("document")
    return found.order_by("-settled_at", "document__number", "id")


def with_words(found: LateFinding) -> dict[str, Any]:
    """A finding with its sentences: what is wrong, what to do."""
    return {"finding": found, "words": formats.describe(found.code, dict(found.params), get_language() or "zh-hans")}
