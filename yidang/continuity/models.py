"""What was backed up, what a drill showed, and which formats the archive holds."""

from django.db import models


class BackupRun(models.Model):
    """One taking of a backup and how it ended."""

    RUNNING, DONE, FAILED = "running", "done", "failed"

    asked_by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=500)
    outcome = models.CharField(max_length=10, default=RUNNING)
    error = models.CharField(max_length=500, blank=True)
    snapshot = models.CharField(max_length=64, blank=True)
    files = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)  # bytes that were new to the place
    records = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)  # of the log
    newest_record_at = models.DateTimeField(null=True, blank=True)
    # Until when the place keeps every file against everybody, this account included; empty where it does not.
    locked_until = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)  # when the lock of everything there was last extended

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="continuity_backup_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T} {self.outcome}"

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class DrillRun(models.Model):
    """One restore aside: how long it took, what was opened, and what differed."""

    asked_by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=500)
    snapshot = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)  # when the backup was taken
    seconds = models.FloatField(default=0)  # from nothing to a whole archive
    records = models.BigIntegerField(default=0)
    compared = models.BigIntegerField(default=0)  # objects, byte by byte
    bytes = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)
    newest_record_at = models.DateTimeField(null=True, blank=True)
    sample = models.JSONField(default=list, blank=True)
    differences = models.JSONField(default=list, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="continuity_drill_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%F %T}"

    @property
    def is_well(self) -> bool:
        """Whether it ended, with nothing that differs."""
        return self.finished_at is not None and not self.error and not self.differences

    @property
    def minutes(self) -> float:
        """How long the way back took."""
        return self.seconds / 60


class HeldFormat(models.Model):
    """A format that the archive holds: how much of it, how it is judged, and what is planned."""

    LOW, MEDIUM, HIGH = "low", "medium", "high"

    puid = models.CharField(max_length=40, unique=True)  # PRONOM's; empty for what nobody recognised
    mime = models.CharField(max_length=100, blank=True)
    count = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    counted_at = models.DateTimeField()
    risk = models.CharField(max_length=8)
    plan = models.CharField(max_length=500, blank=True)
    judged_by = models.CharField(max_length=150, blank=True)  # empty: judged by the table that comes with the program
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["risk", "-count"], name="continuity_format_risk")]

    def __str__(self) -> str:
        return self.puid or "?"


class ConversionPlan(models.Model):
    """Documents of a format, or of one record, to be converted beside their originals; how far it is."""

    puid = models.CharField(max_length=40, blank=True)
    record = models.ForeignKey("catalogue.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    target = models.CharField(max_length=10)
    permanent_only = models.BooleanField(default=False)
    again = models.BooleanField(default=False)  # those that were refused before, too
    most = models.PositiveIntegerField(null=True, blank=True)
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=20, blank=True)  # why it stopped by itself: converter, right
    cursor = models.BigIntegerField(default=0)  # the last document that was looked at
    total = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)  # had nothing to convert when their turn came

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="continuity_plan_newest")]

    def __str__(self) -> str:
        return f"{self.puid or self.record_id} {self.target}"

    @property
    def done(self) -> int:
        """How many documents had their turn."""
        return self.kept + self.refused + self.failed + self.passed

    @property
    def left(self) -> int:
        """How many wait."""
        return max(0, self.total - self.done)


class PackRun(models.Model):
    """A century pack that somebody asked for on a page: what is in it, how far it is, whether its file is still there."""

    RIGHT = "right"

    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    selection = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=20, blank=True)  # why nothing was made: right
    records = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    sums_sha256 = models.CharField(max_length=64, blank=True)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_by", "-asked_at"], name="continuity_pack_newest")]

    def __str__(self) -> str:
        return f"{self.asked_at:%F %T}"

    @property
    def is_there(self) -> bool:
        """Whether its file can be taken."""
        return self.finished_at is not None and self.removed_at is None and not self.trouble


class FiledLog(models.Model):
    """A year of the audit log that was filed as a record of its own."""

    year = models.PositiveSmallIntegerField(unique=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    record = models.ForeignKey("catalogue.Record", on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.year)
