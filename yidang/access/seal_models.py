"""封存: a copy of a record's documents, kept apart and signed with both parties present; the record itself goes on being used."""

from django.conf import settings
from django.db import models

from yidang.catalogue.models import Record
from yidang.common.ids import new_public_id


class SealedCopy(models.Model):
    """One sealing: an object of its own in the vault, its manifest signed with the archive's key."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="sealed_copies")
    object_id = models.UUIDField(unique=True)
    manifest = models.TextField()  # canonical JSON: what was sealed, with every digest
    signature = models.CharField(max_length=100)
    key_id = models.CharField(max_length=16)
    reason = models.CharField(max_length=200)
    present = models.JSONField(default=list)  # who was there: the hospital's side and the patient's
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_present = models.JSONField(default=list)
    opened_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["record", "-sealed_at"], name="access_seals_of_record")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.sealed_at:%F %T}"
