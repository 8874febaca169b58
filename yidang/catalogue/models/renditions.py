"""Other formats beside originals, never instead of them."""

from django.db import models

from yidang.catalogue.models.records import Document
from yidang.common.ids import new_public_id


class Rendition(models.Model):
    """One conversion of a document: kept beside the original, or refused because it is not like it, or failed."""

    KEPT, REFUSED, FAILED = "kept", "refused", "failed"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="renditions")
    target = models.CharField(max_length=10)  # pdfa, tiff
    outcome = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)  # who asked for it
    # How the two compare, what was checked, what stood in its way: by codes, so that every language can say it.
    facts = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)  # in the object: renditions/0001-pdfa.pdf
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    sha512 = models.CharField(max_length=128, blank=True)
    sm3 = models.CharField(max_length=64, blank=True)
    format = models.CharField(max_length=40, blank=True)  # PRONOM
    mime = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "target"], condition=models.Q(outcome="kept"), name="catalogue_rendition_once"
            )
        ]
        indexes = [models.Index(fields=["outcome", "-made_at"], name="catalogue_rendition_newest")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.target} {self.outcome}"
