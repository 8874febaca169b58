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
