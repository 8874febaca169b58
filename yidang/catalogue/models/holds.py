"""Holds 暂缓处置: what must stay whatever its period says."""

from django.db import models

from yidang.catalogue.models.records import Record
from yidang.common.ids import new_public_id


class RetentionHold(models.Model):
    """A record stays, for a dispute, an audit, an unsettled account, until the hold is lifted."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=200)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=150, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["set_at", "pk"]
        indexes = [
            models.Index(fields=["record"], condition=models.Q(lifted_at=None), name="catalogue_holds_live"),
            models.Index(fields=["-set_at", "-id"], name="catalogue_holds_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.reason[:40]}"
