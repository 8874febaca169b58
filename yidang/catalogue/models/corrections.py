"""更正: an archived record's description changes by a signed correction only; what stood there before is kept with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from yidang.approval.models import Case
from yidang.catalogue.models.records import Record
from yidang.common.ids import new_public_id


class Correction(models.Model):
    """One proposed change of an archived record's description, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPLIED = "applied"
        REFUSED = "refused"
        RETURNED = "returned"
        WITHDRAWN = "withdrawn"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="corrections")
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    before = models.JSONField(default=dict)  # field to value, those that change alone
    after = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(state="waiting"), name="catalogue_one_waiting_correction"
            )
        ]

    def __str__(self) -> str:
        return self.number
