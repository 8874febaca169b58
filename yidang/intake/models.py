"""Submissions and what became of them; each change of state is a row of its own."""

from django.db import models
from django.db.models import Q

from yidang.catalogue.models import Record
from yidang.common.ids import new_public_id
from yidang.intake.list_models import ListedItem, SourceList
from yidang.people.models import Department, User

__all__ = [
    "Acceptance",
    "DraftFile",
    "FilingDraft",
    "Finding",
    "ListedItem",
    "Receipt",
    "Return",
    "SecrecyRefusal",
    "SourceList",
    "Submission",
    "SubmittedDocument",
    "Withdrawal",
]


class Submission(models.Model):
    """What someone or some system handed over, under the pair of source system and id that makes repeats harmless."""

    RESERVED, RECEIVED, ARCHIVED = "reserved", "received", "archived"
    QUARANTINED, RETURNED, WITHDRAWN = "quarantined", "returned", "withdrawn"
    SUPERSEDED, RELEASED = "superseded", "released"  # mended and sent again; never acknowledged after a crash
    CURRENT = (RESERVED, RECEIVED, ARCHIVED, QUARANTINED)

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    source_system = models.CharField(max_length=60)
    source_id = models.CharField(max_length=200)
    content_key = models.CharField(max_length=64)  # digest over description and documents: the same, or something else?
    channel = models.CharField(max_length=20)  # web, api, button, batch, command
    state = models.CharField(max_length=12)
    title = models.CharField(max_length=1000)
    payload = models.JSONField()  # as handed over
    proposed = models.JSONField(default=dict, blank=True)  # field → where the proposed value came from
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitter = models.CharField(max_length=150)  # the actor's name in the log, a client's included
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    accession_number = models.CharField(max_length=30, blank=True)
    code = models.CharField(max_length=150, blank=True)
    reserved_on = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )  # the machine that is filing it
    reserved_until = models.DateTimeField(null=True, blank=True)  # after that, whoever comes may finish or release it
    record = models.OneToOneField(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="submission")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "source_id"],
                condition=Q(state__in=["reserved", "received", "archived", "quarantined"]),
                name="intake_source_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at", "id"], name="intake_by_state"),
            models.Index(fields=["submitted_by", "submitted_at", "id"], name="intake_by_person"),
            models.Index(fields=["department", "submitted_at", "id"], name="intake_by_department"),
        ]

    def __str__(self) -> str:
        return f"{self.source_system}/{self.source_id}"


class SubmittedDocument(models.Model):
    """One file of a submission, as it came."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="documents")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=400)
    role = models.CharField(max_length=30)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    sm3 = models.CharField(max_length=64)
    format = models.CharField(max_length=40, blank=True)
    mime = models.CharField(max_length=100, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["submission", "number"], name="intake_document_number")]

    def __str__(self) -> str:
        return self.name


class Finding(models.Model):
    """One typed result of a four-property check 四性检测 (DA/T 70)."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="findings")
    document = models.PositiveIntegerField(null=True, blank=True)
    check_code = models.CharField(max_length=20, blank=True)
    property = models.CharField(max_length=14)  # authenticity, integrity, usability, security
    level = models.CharField(max_length=4)  # pass, warn, fail
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    stage = models.CharField(max_length=8, default="door")  # door, or later (a job after the receipt)

    class Meta:
        indexes = [models.Index(fields=["submission", "level"], name="intake_findings")]

    def __str__(self) -> str:
        return f"{self.code} {self.level}"


class Receipt(models.Model):
    """What was said «已接收» with: the canonical text, and the key that signs it.

    Ed25519 signatures are deterministic, so the signature is made when the receipt is handed out, never while the
    writers' lock is held.
    """

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="receipt")
    body = models.TextField()
    key_id = models.CharField(max_length=40)
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"receipt of {self.submission_id}"


class Acceptance(models.Model):
    """An archivist's acceptance: from then on the record is archived and locked."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="acceptance")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"acceptance of {self.submission_id}"


class Return(models.Model):
    """A submission was given back to its sender with a reason; a corrected one comes under the same source id."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="returns")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"return of {self.submission_id}"


class Withdrawal(models.Model):
    """A filing that no archivist had accepted yet was taken back; its receipt is void."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="withdrawal")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"withdrawal of {self.submission_id}"


class SecrecyRefusal(models.Model):
    """A filing was refused for a mark of state secrecy: told to the secrecy officer, without a word of its content."""

    at = models.DateTimeField()
    submitter = models.CharField(max_length=150)
    address = models.CharField(max_length=45, blank=True)
    source_system = models.CharField(max_length=60)
    mark = models.CharField(max_length=40)
    seen_by = models.CharField(max_length=150, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.mark}"


class FilingDraft(models.Model):
    """A filing that a person is preparing at the web form: its files wait in the quarantine, its fields are kept as typed."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    fields = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-changed_at"], name="intake_drafts")]

    def __str__(self) -> str:
        return str(self.public_id)


class DraftFile(models.Model):
    """One file of a draft: where it lies, its digests, and what a first look told."""

    draft = models.ForeignKey(FilingDraft, on_delete=models.CASCADE, related_name="files")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=400)
    role = models.CharField(max_length=30)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    sm3 = models.CharField(max_length=64)
    format = models.CharField(max_length=40, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    findings = models.JSONField(default=list, blank=True)
    proposals = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="intake_draft_number")]

    def __str__(self) -> str:
        return self.name
