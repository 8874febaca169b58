"""The rows of the log."""

from django.db import models


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

    class Meta:
        indexes = [
            models.Index(fields=["actor", "seq"], name="audit_by_actor"),
            models.Index(fields=["target", "seq"], name="audit_by_target"),
            models.Index(fields=["event", "seq"], name="audit_by_event"),
            models.Index(fields=["at"], name="audit_by_time"),
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
