"""出证: certified copies and, beside them, who asked for them."""

from typing import Any

from django.conf import settings
from django.db import models

from yidang.catalogue.models import Record, among
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id


class CertificateSet(models.QuerySet["Certificate"]):
    """Certificates, narrowed by who may read of them."""

    def visible_to(self, actor: Actor) -> "CertificateSet":
        """Those of records that the reader keeps."""
        if not actor.has_duty("archivist", "records_clerk"):
            return self.none()
        return self.filter(among(Record.objects.visible_to(actor, "print")))


class Certificate(models.Model):
    """Pages of a record's documents, certified for one applicant; its PDF can be made again from the rows, byte for byte.

    ``document``, ``pages`` and ``opening`` are of the first document, :class:`FurtherDocument` holds the others.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    code = models.CharField(max_length=16, unique=True)  # on every page, for whoever verifies it
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="certificates")
    document = models.PositiveIntegerField()
    pages = models.JSONField()
    purpose = models.CharField(max_length=12)
    ground = models.CharField(max_length=12)
    ground_detail = models.CharField(max_length=200, blank=True)
    fee = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    address = models.CharField(max_length=200)  # where it is verified
    opening = models.OneToOneField("access.Opening", on_delete=models.PROTECT, related_name="certificate")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the PDF
    marks = models.JSONField(default=list)  # SHA-256 of each page's image
    sm2 = models.JSONField(
        default=dict
    )  # the note's second signature: made once, so that the same bytes come out again
    printed = models.PositiveIntegerField(default=0)
    void_at = models.DateTimeField(null=True, blank=True)
    void_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    void_reason = models.CharField(max_length=200, blank=True)

    objects: Any = CertificateSet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-issued_at", "-id"], name="access_certificates_latest")]

    def __str__(self) -> str:
        return self.number

    def parts(self) -> list["Certificate | FurtherDocument"]:
        """What holds a document's number, its pages and their opening, in the order of the copy."""
        return [self, *self.further.order_by("document")]


class FurtherDocument(models.Model):
    """A document that a certified copy holds beside its first, with the opening that the mark of its pages names."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="further")
    document = models.PositiveIntegerField()
    pages = models.JSONField()
    opening = models.OneToOneField("access.Opening", on_delete=models.PROTECT, related_name="further_certified")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["certificate", "document"], name="access_certified_once")]

    def __str__(self) -> str:
        return f"{self.certificate_id}/{self.document}"


class Applicant(models.Model):
    """Who asked for a certified copy, kept beside it."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="applicant")
    name = models.CharField(max_length=60)
    id_number = models.CharField(max_length=20, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.certificate_id}"
