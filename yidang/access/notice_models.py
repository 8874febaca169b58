"""Who was told of an emergency access."""

from django.conf import settings
from django.db import models


class EmergencyNotice(models.Model):
    """One person who answers for a patient's records is told that somebody opened them in an emergency."""

    emergency = models.ForeignKey("access.EmergencyAccess", on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()  # stands on their desk from this moment
    posted_at = models.DateTimeField(null=True, blank=True)  # the hospital's to-do list took it
    noted_at = models.DateTimeField(null=True, blank=True)  # they have seen it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["emergency", "user"], name="access_notice_once")]
        indexes = [
            models.Index(fields=["user", "-told_at"], condition=models.Q(noted_at=None), name="access_notices_open")
        ]

    def __str__(self) -> str:
        return f"{self.emergency_id} to {self.user_id}"
