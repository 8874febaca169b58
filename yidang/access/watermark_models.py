"""What the visible watermark says; the newest row is in force, the ones before it say what it said."""

from django.conf import settings
from django.db import models


class WatermarkTemplate(models.Model):
    """A text with places for who, when and where, and how strong it is drawn."""

    text = models.CharField(max_length=120)
    strength = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text
