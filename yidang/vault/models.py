"""What the database knows of kept bytes: sites, objects, their copies, and what scrubs found."""

from typing import ClassVar

from django.db import models


class Site(models.Model):
    """A place that holds copies, as settings named it when it was set up."""

    key = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=1024)
    required = models.BooleanField(default=True)
    marker_id = models.CharField(max_length=36, default="", help_text="Id in the site's own marker file.")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class StoredObject(models.Model):
    """One OCFL object whose bytes were acknowledged."""

    class Kind(models.TextChoices):
        """What the object speaks of."""

        RECORD = "record"
        SYSTEM = "system"

    object_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.RECORD)
    head = models.PositiveIntegerField(default=1)
    inventory_sha512 = models.CharField(max_length=128)
    earlier_sha512 = models.JSONField(
        default=list, help_text="Inventory digests of the versions before the head, in order."
    )
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes of all content of all versions.")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(head__gte=1), name="vault_object_has_a_version"),
        ]

    def __str__(self) -> str:
        return str(self.object_id)


class Copy(models.Model):
    """One object at one site."""

    class State(models.TextChoices):
        """What is known of the copy."""

        OK = "ok"
        LAGGING = "lagging"
        MISSING = "missing"
        DAMAGED = "damaged"

    object = models.ForeignKey(StoredObject, models.CASCADE, related_name="copies")
    site = models.ForeignKey(Site, models.PROTECT, related_name="copies")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OK)
    written_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["object", "site"], name="vault_one_copy_per_site"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "state"], name="vault_copy_by_state"),
            models.Index(fields=["site", "verified_at"], name="vault_copy_by_age"),
        ]


class ScrubRun(models.Model):
    """One reading of one site from end to end; killed anywhere, the next call goes on at the cursor."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="scrubs")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0, help_text="Row id of the last object that was read.")
    objects_read = models.PositiveBigIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    findings_made = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "finished_at"], name="vault_scrub_by_end"),
        ]


class ScrubFinding(models.Model):
    """One thing that is not as it was kept, and when it was mended."""

    class Kind(models.TextChoices):
        """What is wrong."""

        BITFLIP = "bitflip"
        MISSING = "missing"
        EXTRA = "extra"
        FOREIGN = "foreign"
        VERSION = "version"
        LOST = "lost"

    site = models.ForeignKey(Site, models.CASCADE, related_name="scrub_findings")
    object_id = models.UUIDField(null=True, db_index=True)
    path = models.CharField(
        max_length=1024, help_text="From the object's folder; from the root when no object is known."
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    expected = models.CharField(max_length=160, default="", blank=True)
    found = models.CharField(max_length=160, default="", blank=True)
    found_at = models.DateTimeField()
    healed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "healed_at", "found_at"], name="vault_finding_open"),
        ]


class Tombstone(models.Model):
    """An object that was destroyed by warrant: no old copy of it, on a disk or in a backup, may come back."""

    object_id = models.UUIDField(unique=True)
    certificate = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    signed_by = models.JSONField(default=list)
    destroyed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.object_id} {self.certificate}"
