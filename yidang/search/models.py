"""Questions that people keep."""

from django.conf import settings
from django.db import models

from yidang.common.ids import new_public_id


class SavedSearch(models.Model):
    """A question with a name, its owner's alone; it is asked anew each time, with the owner's permissions of that day."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000)  # the address's query string
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="search_saved_once")]

    def __str__(self) -> str:
        return self.name


class IndexCopy(models.Model):
    """How far one machine's copy of the index is; the feed keeps its rows until every copy has passed them."""

    machine = models.CharField(max_length=60, unique=True)
    seq = models.BigIntegerField(default=0)  # every change up to this one is in the copy
    records = models.BigIntegerField(default=0)
    built = models.BigIntegerField(null=True, blank=True)  # records done while it is being built, else nothing
    failed = models.IntegerField(default=0)  # records that could not be read
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.machine} {self.seq}"
