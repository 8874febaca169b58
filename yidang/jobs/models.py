"""Work that waits, runs, is done, or was set aside with its reason."""

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One piece of later work: a handler's name and ids, so that nothing stale travels."""

    WAITING, RUNNING, DONE, SET_ASIDE, CANCELLED = "waiting", "running", "done", "set_aside", "cancelled"

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=120, blank=True)  # two open jobs of one name and key are one
    ids = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=WAITING)
    priority = models.SmallIntegerField(default=0)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=500, blank=True)
    asked_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"], condition=Q(state="waiting") & ~Q(key=""), name="jobs_one_waiting_per_key"
            ),
        ]
        indexes = [
            models.Index(fields=["priority", "run_after", "id"], condition=Q(state="waiting"), name="jobs_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="jobs_leased"),
            models.Index(fields=["state", "-created_at"], name="jobs_by_state"),
            models.Index(fields=["asked_by", "-created_at"], name="jobs_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.ids}"


class Machine(models.Model):
    """One of the machines that serve this archive; it says every few seconds that it lives."""

    name = models.CharField(max_length=60, unique=True)
    installation = models.CharField(max_length=40)  # of its data folder: two machines of one name are noticed
    role = models.CharField(max_length=10)  # web, worker, both
    version = models.CharField(max_length=40, blank=True)
    keys = models.JSONField(default=dict)  # fingerprints of its secrets by name; all machines have the same
    clock_ahead = models.FloatField(default=0)  # seconds before the database's clock
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)  # it said goodbye

    def __str__(self) -> str:
        return self.name
