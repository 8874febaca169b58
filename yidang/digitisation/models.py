"""Findings of the checks that follow after the receipt."""

from django.db import models

from yidang.catalogue.models import Document


class LateFinding(models.Model):
    """One result of opening a kept document whole: it attaches to the document and never un-keeps it."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="late_findings")
    check_code = models.CharField(max_length=20, blank=True)
    property = models.CharField(max_length=14)
    level = models.CharField(max_length=4)
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["level", "-at"], name="digitisation_findings"),
            models.Index(fields=["-at", "-id"], condition=models.Q(settled_at=None), name="digitisation_open_findings"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.level}"
