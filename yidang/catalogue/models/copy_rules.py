"""How many copies a class needs, where it is not what the sites say."""

from django.db import models

from yidang.catalogue.models.arrangement import RecordClass
from yidang.common.ids import new_public_id


class CopyRule(models.Model):
    """Verified copies that the records of a class, and of the classes below it, need: in all, and before the receipt."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    record_class = models.OneToOneField(RecordClass, on_delete=models.PROTECT, related_name="copy_rule")
    copies = models.PositiveSmallIntegerField()
    before = models.PositiveSmallIntegerField()
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(before__gte=1) & models.Q(copies__gte=models.F("before")),
                name="catalogue_copies_before_and_after",
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_class_id} {self.before}/{self.copies}"
