"""Rights that are rows: grants that end by themselves, and who treats whom."""

from django.db import models
from django.db.models import Q

from yidang.common.ids import new_public_id
from yidang.people.models import Department, User


class Grant(models.Model):
    """A narrow permission of one person for one record that ends by itself.

    ``record_id`` is the record's internal number without a foreign key: records live in a package above this one.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    subject = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    record_id = models.BigIntegerField()
    may_view = models.BooleanField(default=True)
    may_print = models.BooleanField(default=False)
    may_copy = models.BooleanField(default=False)
    may_borrow = models.BooleanField(default=False)  # the paper or object itself leaves the archive room
    may_certify = models.BooleanField(default=False)  # the archive room makes a certified copy for them
    until = models.DateTimeField()
    times = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    sheets = models.PositiveIntegerField(null=True, blank=True)  # printed pages times copies, at most
    sheets_used = models.PositiveIntegerField(default=0)
    pages = models.CharField(max_length=200, blank=True)  # such as 1-3,5 or 2:1-3; empty: all
    address = models.CharField(max_length=200, blank=True)  # addresses or networks of terminals; empty: any
    reason = models.CharField(max_length=200, blank=True)
    issued_by = models.CharField(max_length=150, blank=True)
    issued_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "until"], condition=Q(revoked_at=None), name="permissions_live_grants"),
            models.Index(fields=["record_id"], name="permissions_grant_by_record"),
            models.Index(fields=["until", "id"], condition=Q(revoked_at=None), name="permissions_grants_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} on {self.record_id} until {self.until:%F %T}"


class CareRelationship(models.Model):
    """A clinician, or the team of a ward, treats a patient from a moment until a moment (open while treatment lasts)."""

    patient_number = models.CharField(max_length=40)
    clinician = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="care")
    team = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="care")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinician", "ends_at"], name="permissions_care_clinician"),
            models.Index(fields=["team", "ends_at"], name="permissions_care_team"),
            models.Index(fields=["patient_number"], name="permissions_care_patient"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(clinician__isnull=False) | Q(team__isnull=False), name="permissions_care_has_carer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient_number} from {self.begins_at:%F}"


class AccessFreeze(models.Model):
    """访问冻结: looking at a record, or at all records of a patient, has stopped for everyone who is not named."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    record_id = models.BigIntegerField(null=True, blank=True)
    patient_number = models.CharField(max_length=40, blank=True)
    named = models.ManyToManyField(User, related_name="+", blank=True)  # for them the rules stay as they are
    care_goes_on = models.BooleanField(default=True)  # the treating team is not stopped
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["set_at"], condition=Q(lifted_at=None), name="permissions_live_freezes")]
        constraints = [
            models.CheckConstraint(
                condition=Q(record_id__isnull=False) | ~Q(patient_number=""), name="permissions_freeze_of_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id or self.patient_number} {self.set_at:%F %T}"
