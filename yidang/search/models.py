"""Questions and records that people keep."""

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
    followed_at = models.DateTimeField(null=True, blank=True)  # since then its owner is told of new hits; else nothing
    seen_at = models.DateTimeField(null=True, blank=True)  # what came later is new
    news = models.PositiveSmallIntegerField(default=0)  # new hits when it was last asked, at most following.MOST

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="search_saved_once")]

    def __str__(self) -> str:
        return self.name


class Favourite(models.Model):
    """A record that a person keeps at hand, theirs alone; it gives no right: what is out of reach is not in the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    record = models.ForeignKey("catalogue.Record", on_delete=models.CASCADE, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "record"], name="search_favourite_once")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="search_favourite_list")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.record_id}"


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
