"""Rights counted: what each duty reaches, which rights nobody used for a year, and the yearly review of them."""

from django.conf import settings
from django.db import models

from yidang.catalogue.models import RecordClass
from yidang.common.ids import new_public_id
from yidang.people.models import Department


class ReachFigure(models.Model):
    """How many records of a class the holders of a duty reach together; worked out now and then, replaced as a whole.

    ``holder`` is a duty, :data:`GRANTS` for single permissions of whomever, or :data:`EVERYTHING` for all that is kept.
    """

    GRANTS, EVERYTHING = "grants", "everything"

    holder = models.CharField(max_length=20)
    record_class = models.ForeignKey(RecordClass, on_delete=models.CASCADE, related_name="+")
    see = models.PositiveIntegerField(default=0)
    view = models.PositiveIntegerField(default=0)
    print = models.PositiveIntegerField(default=0)
    copy = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "record_class"], name="oversight_one_reach_figure"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.record_class_id}: {self.view}"


class UnusedRight(models.Model):
    """A right older than a year that left no trace within the last one; worked out each day, replaced as a whole."""

    class Kind(models.TextChoices):
        ACCOUNT = "account"
        DUTY = "duty"
        GRANT = "grant"
        CLIENT = "client"
        CARE = "care"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    number = models.BigIntegerField()  # of the account, duty, grant, client or care relationship
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="unused_rights"
    )
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=100, blank=True)  # the duty's key or the client's name; no record, no patient
    since = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)  # where it is known
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="oversight_unused_once")]
        indexes = [models.Index(fields=["since", "id"], name="oversight_unused_longest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class RightsReview(models.Model):
    """权限年审: once a year everybody who answers for people confirms or withdraws each duty; closed, it is signed."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # nobody: the calendar
    due_on = models.DateField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)  # what was decided, as it was signed
    signature = models.CharField(max_length=128, blank=True)
    key_id = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(closed_at=None), name="oversight_one_open_review"
            )
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%F}"


class ReviewedDuty(models.Model):
    """One duty of one person, as it was held when the review began, and what was decided about it."""

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed"
        WITHDRAWN = "withdrawn"
        ENDED = "ended"  # by itself or by another deed, before anybody decided

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    review = models.ForeignKey(RightsReview, on_delete=models.PROTECT, related_name="lines")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    duty = models.BigIntegerField()
    role = models.CharField(max_length=20)
    class_codes = models.JSONField(default=list, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "duty"], name="oversight_reviewed_once")]
        indexes = [models.Index(fields=["review", "department", "verdict"], name="oversight_review_lines")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.verdict or '…'}"
