"""应归尽归: the lists of what source systems say they have finished, and what became of every line."""

from django.db import models
from django.db.models import Q

from yidang.common.ids import new_public_id
from yidang.people.models import User


class SourceList(models.Model):
    """One list of a source system: what ought to have come, for example everything the OA finished in a month."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    source_system = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    # Within these days of the records' dates, or without days, the list names everything that the system has.
    everything = models.BooleanField(default=False)
    period_from = models.DateField(null=True, blank=True)
    period_until = models.DateField(null=True, blank=True)
    whole = models.BooleanField()  # compared with every filing; otherwise with those of whoever gave it
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    size = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)  # outcome → number of lines, as last compared
    checked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closing_note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-given_at", "-id"], name="intake_lists_latest"),
            models.Index(fields=["id"], condition=Q(closed_at=None), name="intake_lists_open"),
        ]

    def __str__(self) -> str:
        return f"{self.source_system} {self.name}"


class ListedItem(models.Model):
    """One line of a list, or one filing that the list does not name (``extra``)."""

    class Outcome(models.TextChoices):
        HELD = "held"
        STOPPED = "stopped"
        ALTERED = "altered"
        MISSING = "missing"
        EXCUSED = "excused"
        EXTRA = "extra"

    source_list = models.ForeignKey(SourceList, on_delete=models.CASCADE, related_name="items")
    source_id = models.CharField(max_length=200)
    title = models.CharField(max_length=1000, blank=True)
    expected = models.JSONField(default=dict, blank=True)  # {"sha256": […]} or {"files": 2}, where the list says so
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    excused_by = models.CharField(max_length=150, blank=True)
    excused_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_list", "source_id"], name="intake_listed_once")]
        indexes = [models.Index(fields=["source_list", "outcome", "id"], name="intake_listed_outcome")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.outcome}"
