"""遮盖: parts of pages that are covered in what is delivered, never in what is kept."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from yidang.catalogue.models import Record
from yidang.common.ids import new_public_id


class Mask(models.Model):
    """One covered rectangle of one page, in parts of its width and height, so that it fits every size."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="masks")
    document = models.PositiveIntegerField()
    page = models.PositiveIntegerField()
    left = models.FloatField()
    top = models.FloatField()
    right = models.FloatField()
    bottom = models.FloatField()
    # The patterns that it was found by. Drawn by hand: none, or {"under": patterns} of the words that stand under it.
    finds = models.JSONField(default=list)
    reason = models.CharField(max_length=120, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["record", "document", "page"], condition=Q(lifted_at=None), name="access_masks_of_page"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(left__gte=0) & Q(top__gte=0) & Q(right__lte=1) & Q(bottom__lte=1)
                & Q(left__lt=models.F("right")) & Q(top__lt=models.F("bottom")),
                name="access_mask_within_page",
            )
        ]  # fmt: skip

    @staticmethod
    def drawn(finds: Any) -> bool:
        """Whether these are the patterns of a mask that was drawn: nobody knows all that it covers."""
        return not finds or isinstance(finds, dict)

    @staticmethod
    def patterns(finds: Any) -> list[str]:
        """What is covered in descriptions, whichever way the mask was made."""
        return list(finds["under"] if isinstance(finds, dict) else finds)

    def __str__(self) -> str:
        return f"{self.record_id}/{self.document}/{self.page}"
