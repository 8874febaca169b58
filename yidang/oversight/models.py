"""Alarms, what is usual for whom, and who has given notice."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from yidang.common.ids import new_public_id
from yidang.oversight.rights_models import ReachFigure, ReviewedDuty, RightsReview, UnusedRight
from yidang.people.models import Department

__all__ = [
    "Alarm",
    "Departure",
    "Place",
    "ReachFigure",
    "ReadingHour",
    "ReviewedDuty",
    "RightsReview",
    "UnusedRight",
    "Usual",
]


class ReadingHour(models.Model):
    """How many records one person opened within one hour; what is usual is learnt from these."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()  # its beginning
    records = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "hour"], name="oversight_one_reading_hour")]
        indexes = [models.Index(fields=["hour"], name="oversight_by_hour")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.hour:%F %H}: {self.records}"


class Usual(models.Model):
    """What is usual for a department or for one person: records in an hour, for each of the 168 hours of a week."""

    department = models.OneToOneField(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="usual")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="usual"
    )
    limits = models.JSONField(default=list)  # Monday 0:00 first; nothing where too little was seen
    nights = models.PositiveIntegerField(default=0)  # in which anything was opened, within the weeks learnt from
    days = models.PositiveIntegerField(default=0)  # from the first hour seen until the learning
    learnt_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=False, user__isnull=True)
                | Q(department__isnull=True, user__isnull=False),
                name="oversight_usual_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department_id or self.user_id} {self.learnt_at:%F}"


class Departure(models.Model):
    """Somebody has given notice, and until when they work here."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="departure")
    last_day = models.DateField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.last_day:%F}"


class Alarm(models.Model):
    """One rule found something about one person; it stays open until the security administrator judges it.

    The evidence holds numbers, hours, classes and addresses, no titles and no patients: who judges reads no records.
    """

    class Rule(models.TextChoices):
        MANY = "many"
        NIGHT = "night"
        KIN = "kin"
        LEFT = "left"
        REFUSED = "refused"

    class Verdict(models.TextChoices):
        EXPLAINED = "explained"
        MISUSE = "misuse"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="alarms")
    rule = models.CharField(max_length=8, choices=Rule.choices)
    hint = models.BooleanField(default=False)  # a weak sign alone
    raised_at = models.DateTimeField()
    began_at = models.DateTimeField()  # the first opening that belongs to it
    last_at = models.DateTimeField()  # the last one so far
    count = models.PositiveIntegerField()
    limit = models.PositiveIntegerField()
    evidence = models.JSONField(default=dict)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    suspended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "rule"], condition=Q(closed_at=None), name="oversight_one_open_alarm"
            )
        ]
        indexes = [
            models.Index(fields=["-raised_at", "-id"], name="oversight_alarms_latest"),
            models.Index(fields=["user", "rule", "-raised_at"], name="oversight_alarms_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.rule} {self.raised_at:%F %T}"


class Place(models.Model):
    """How far the watch has read the openings; one row, locked while it looks."""

    opening = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.opening)
