"""The central noun, kept small: intake, shelving, access and disposal own tables that point here."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from yidang.catalogue.models.arrangement import Fonds, RecordClass
from yidang.catalogue.models.retention import RetentionRule
from yidang.common import prepared
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id
from yidang.people.models import Department
from yidang.permissions.reach import ClassFacts, Reach, reach

if TYPE_CHECKING:
    from uuid import UUID


class RecordQuerySet(models.QuerySet["Record"]):
    """Records, narrowed."""

    def visible_to(self, actor: Actor, action: str = "see") -> "RecordQuerySet":
        """The records that this actor reaches for this action; lists, single checks and counts all come through here."""
        return self.reached_by(reach(actor, action, class_facts(), named=False))

    def reached_by(self, reached: Reach) -> "RecordQuerySet":
        """The records within a reach that was computed before."""
        return self.none() if reached.is_empty else self.filter(reached.as_q()).exclude(state=Record.WITHDRAWN)


def class_facts() -> list[ClassFacts]:
    """What the permission rules need to know of every class."""
    asked = prepared.rows(
        "catalogue.class_facts", lambda: RecordClass.objects.order_by("id").values_list("id", "code", "visibility")
    )
    return [ClassFacts(*row) for row in asked]


class Record(models.Model):
    """What is described and kept: a volume 案卷 or an item 件, which may sit in a volume."""

    ITEM, VOLUME = "item", "volume"
    RECEIVED, ARCHIVED, WITHDRAWN = "received", "archived", "withdrawn"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="records")
    record_class = models.ForeignKey(RecordClass, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=8, default=ITEM)
    volume = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="items")
    title = models.CharField(max_length=1000)
    document_number = models.CharField(max_length=120, blank=True)
    creator = models.CharField(max_length=300, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    date = models.CharField(max_length=10, blank=True)  # 2026, 2026-03 or 2026-03-05
    date_first = models.DateField(null=True, blank=True)
    date_last = models.DateField(null=True, blank=True)
    year = models.PositiveSmallIntegerField()  # 归档年度
    retention = models.CharField(max_length=10)  # Y, D30, D10 …
    retention_rule = models.ForeignKey(RetentionRule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=1)  # 0 public, 1 internal, 2 sensitive, 3 restricted
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # the person whom a personnel file is about
    patient_number = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=150, blank=True)
    code_state = models.CharField(max_length=12, blank=True)  # "", provisional, final
    accession_number = models.CharField(max_length=30, unique=True)
    description = models.TextField(blank=True)
    keywords = models.JSONField(default=list, blank=True)
    parties = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)  # the fields of the class's scheme
    workflow = models.JSONField(default=list, blank=True)  # the steps that the OA's document went through
    source_system = models.CharField(max_length=60, blank=True)
    source_id = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, default=RECEIVED)
    received_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fonds", "code"], condition=~Q(code=""), name="catalogue_record_code"),
            models.CheckConstraint(condition=Q(level__lte=3), name="catalogue_level_known"),
        ]
        indexes = [
            models.Index(fields=["record_class", "department", "received_at", "id"], name="catalogue_by_class_dept"),
            models.Index(fields=["record_class", "received_at", "id"], name="catalogue_by_class"),
            models.Index(fields=["record_class", "year", "received_at", "id"], name="catalogue_by_class_year"),
            models.Index(fields=["received_at", "id"], name="catalogue_by_received"),
            models.Index(fields=["state", "received_at", "id"], name="catalogue_by_state"),
            models.Index(fields=["department", "received_at", "id"], name="catalogue_by_department"),
            models.Index(fields=["volume", "id"], name="catalogue_by_volume"),
            models.Index(fields=["updated_at", "id"], name="catalogue_by_update"),
            models.Index(fields=["code"], name="catalogue_by_code"),
            models.Index(fields=["patient_number"], condition=~Q(patient_number=""), name="catalogue_by_patient"),
        ]

    def __str__(self) -> str:
        return self.code or self.accession_number

    @property
    def object_id(self) -> "UUID":
        """The identifier of the record's object in the vault: ``urn:uuid:…`` is made from it, never from the code."""
        return self.public_id


def among(records: "models.QuerySet[Record]", path: str = "record_id") -> models.Exists:
    """Whether the record that a row names is one of these, asked row by row.

    Use it where few rows are narrowed by many records: ``record__in`` has the database list all of them first, which costs
    seconds in an archive of a million.

    :param path: where the row names it
    """
    return models.Exists(records.filter(pk=models.OuterRef(path)))


class Document(models.Model):
    """One file of a record and its role: 正本 定稿 附件 处理单 扫描件 …"""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=30, default="正本")
    name = models.CharField(max_length=400)  # as it came
    path = models.CharField(max_length=200)  # in the object: documents/0001.pdf
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    sm3 = models.CharField(max_length=64)
    format = models.CharField(max_length=40, blank=True)  # PRONOM
    mime = models.CharField(max_length=100, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    text_state = models.CharField(max_length=10, default="pending")  # pending, ready, none, failed
    text_mark = models.CharField(
        max_length=16, blank=True, default="", db_default=""
    )  # which text is the present one, see search

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="catalogue_document_number")]
        indexes = [
            models.Index(fields=["sha256"], name="catalogue_document_sha256"),
            models.Index(fields=["text_state"], name="catalogue_document_text"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}/{self.number}"


class RecordChange(models.Model):
    """The feed of changes in the order of commits: the index, the vault's later versions and others follow it."""

    DESCRIPTION, TEXT, PERMISSION, REMOVED = "description", "text", "permission", "removed"

    seq = models.BigAutoField(primary_key=True)
    record_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, default=DESCRIPTION)
    document = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["record_id"], name="catalogue_change_by_record")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.record_id}"
