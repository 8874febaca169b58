"""The rows of the log."""

from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """One thing that somebody did, tried to do, or looked at.

    ``body`` is the canonical text that the hash covers; the other columns repeat parts of it for searching, and
    verification compares them with it.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10)
    actor = models.CharField(max_length=150)
    address = models.CharField(max_length=45, blank=True)
    target_kind = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    hash = models.CharField(max_length=64)
    # The digest of the row that the target stands in, as the act left it; «gone» when the act took the row away.
    row = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "seq"], name="audit_by_actor"),
            models.Index(fields=["target", "seq"], name="audit_by_target"),
            models.Index(fields=["event", "seq"], name="audit_by_event"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["target_kind", "target", "seq"], condition=Q(row__isnull=False), name="audit_by_row"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.event}"


class PersonalFacts(models.Model):
    """Facts of an entry that identify a person: beside the chain, bound to it by a salted digest, erasable by law."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="personal")
    salt = models.CharField(max_length=32)
    body = models.TextField()

    def __str__(self) -> str:
        return f"personal facts of {self.entry_id}"


class Head(models.Model):
    """The end of the chain, one row, locked last in every transaction that writes."""

    size = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.size} {self.hash[:12]}"


class Subtree(models.Model):
    """The root over a complete part of the Merkle tree: 256 of the level below; never changed once it is there."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="audit_one_subtree")]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Checkpoint(models.Model):
    """The root at one size, signed; what witnesses are shown."""

    size = models.BigIntegerField(primary_key=True)
    origin = models.CharField(max_length=200)
    root = models.CharField(max_length=64)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="audit_checkpoint_by_time")]

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Sighting(models.Model):
    """The latest checkpoint that one of our witnesses has seen, and how the last try went."""

    witness = models.CharField(max_length=60, unique=True)
    size = models.BigIntegerField(default=0)
    note = models.TextField(blank=True)  # with the witness's own signature where it gives one
    seen_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.witness} {self.size}"


class Cosignature(models.Model):
    """One checkpoint of ours with the signature that another archive put under it: whoever steals our key cannot make it."""

    witness = models.CharField(max_length=60)
    size = models.BigIntegerField()
    note = models.TextField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["witness", "size"], name="audit_one_cosignature")]
        indexes = [models.Index(fields=["-seen_at"], name="audit_cosignature_newest")]

    def __str__(self) -> str:
        return f"{self.witness} {self.size}"


class WitnessedLog(models.Model):
    """Another archive's log that we are a witness of: its key, and the latest checkpoint that we countersigned."""

    origin = models.CharField(max_length=200, unique=True)
    key = models.CharField(max_length=400)
    registered_by = models.CharField(max_length=150)
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    size = models.BigIntegerField(default=0)
    root = models.CharField(max_length=64, blank=True)
    note = models.TextField(blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    refusals = models.PositiveIntegerField(default=0)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.origin


class WitnessedDay(models.Model):
    """The last checkpoint of another archive's log that we countersigned on a day: a few hundred bytes a day."""

    log = models.ForeignKey(WitnessedLog, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    size = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "day"], name="audit_one_witnessed_day")]

    def __str__(self) -> str:
        return f"{self.log_id} {self.day}"


class Verification(models.Model):
    """One checking of the whole log, asked for by a person or by the calendar; its progress and what it found."""

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=10, blank=True)  # entries, rows
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    root = models.CharField(max_length=64, blank=True)
    kept = models.TextField(blank=True)  # a checkpoint that whoever asked has kept elsewhere
    compared = models.JSONField(default=list, blank=True)  # with whose checkpoints, and up to which size
    faults = models.JSONField(default=list, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="audit_verification_newest")]

    def __str__(self) -> str:
        return f"{self.asked_at:%F %T}"

    @property
    def is_well(self) -> bool:
        """Whether it ended and found nothing."""
        return self.finished_at is not None and not self.faults
