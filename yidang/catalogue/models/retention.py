"""How long records are kept: the schedule, versioned, a draft until the authority approves it."""

from django.db import models

from yidang.catalogue.models.arrangement import Fonds


class RetentionSchedule(models.Model):
    """A version of the hospital's 归档范围与保管期限表."""

    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="schedules")
    version = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=30, default="draft_not_approved")
    approved_on = models.DateField(null=True, blank=True)
    approval = models.CharField(max_length=200, blank=True)  # who approved it, under which document

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fonds", "version"], name="catalogue_schedule_version")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class RetentionRule(models.Model):
    """One row of the schedule: what papers, how long, counted from what, and on which basis."""

    schedule = models.ForeignKey(RetentionSchedule, on_delete=models.CASCADE, related_name="rules")
    key = models.CharField(max_length=20)
    group = models.CharField(max_length=20)  # the schedule's own heading, e.g. DQ 党群工作
    class_code = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200)
    retention = models.CharField(max_length=10)  # Y, D30, D10 …
    kind = models.CharField(max_length=20)  # permanent, fixed, event_plus, by_person …
    years = models.PositiveSmallIntegerField(null=True, blank=True)
    trigger = models.CharField(max_length=20)
    basis = models.CharField(max_length=200, blank=True)
    confidence = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "key"], name="catalogue_rule_key")]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"
