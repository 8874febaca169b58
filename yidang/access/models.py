"""Who looked at what."""

from django.conf import settings
from django.db import models

from yidang.access.certificate_models import Applicant, Certificate, FurtherDocument
from yidang.access.mask_models import Mask
from yidang.access.notice_models import EmergencyNotice
from yidang.access.request_models import AccessRequest, RequestedRecord
from yidang.access.seal_models import SealedCopy
from yidang.access.use_models import Use, UseReader
from yidang.access.watermark_models import WatermarkTemplate
from yidang.catalogue.models import Record
from yidang.common.ids import new_public_id
from yidang.permissions.models import CareRelationship, Grant

__all__ = [
    "AccessRequest",
    "Applicant",
    "Certificate",
    "EmergencyAccess",
    "EmergencyNotice",
    "FurtherDocument",
    "Mask",
    "Opening",
    "Printout",
    "RequestedRecord",
    "SealedCopy",
    "Use",
    "UseReader",
    "WatermarkTemplate",
]


class Opening(models.Model):
    """One person's look at one document of one record in one session, at most a quarter of an hour.

    The first page waits for the log's entry; the pages looked at after it are added here and closed by a second entry.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="openings")
    document = models.PositiveIntegerField(default=0)
    session = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    because = models.CharField(max_length=40)  # the clause that allowed it
    grant = models.ForeignKey(Grant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    entry = models.BigIntegerField(null=True, blank=True)  # in the log
    pages = models.JSONField(default=list)
    original = models.BooleanField(default=False)  # the file itself left, not images of its pages
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "record", "document", "ends_at"], name="access_live_openings"),
            models.Index(fields=["user", "-opened_at"], name="access_recent"),
            models.Index(fields=["closed_at", "ends_at"], name="access_to_close"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.record_id}/{self.document} {self.opened_at:%F %T}"


class Printout(models.Model):
    """One print, or copy of single pages as a file, made for one person: which pages, how many copies, fetched once."""

    PRINT, COPY = "print", "copy"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    opening = models.OneToOneField(Opening, on_delete=models.PROTECT, related_name="printout")
    action = models.CharField(max_length=5, default=PRINT)  # the right under which it was made
    copies = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.opening_id} × {self.copies}"


class EmergencyAccess(models.Model):
    """A clinician opened one patient's records without asking, for minutes, with a reason; somebody reviews it."""

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified"
        MISUSE = "misuse"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    patient_number = models.CharField(max_length=40)
    care = models.OneToOneField(CareRelationship, on_delete=models.PROTECT, related_name="+")  # what opens the records
    reason = models.CharField(max_length=300)
    address = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    renewals = models.PositiveSmallIntegerField(default=0)
    review_due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-began_at"], name="access_emergency_user"),
            models.Index(fields=["reviewed_at", "review_due_at"], name="access_emergency_due"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at:%F %T}"


class AskedFrom(models.Model):
    """How often an address asked a public page in a span of time; see :mod:`yidang.access.rate`."""

    address = models.CharField(max_length=64)
    span = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "span"], name="access_asked_once")]

    def __str__(self) -> str:
        return f"{self.address} {self.count}"
