"""What a description says behind its masks."""

from django.db import models

from yidang.catalogue.models.records import Record


class CoveredDescription(models.Model):
    """The clear values of fields that a record's row holds covered, because parts of its pages are masked.

    Every list, search, suggestion and export reads the row, and so shows what is covered to nobody; the kept object and
    the row's digest hold the clear values.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="covered")
    fields = models.JSONField(default=dict)  # column → clear value
    names = models.JSONField(default=dict)  # number of a document → the clear name of its file

    def __str__(self) -> str:
        return f"{self.record_id}: {', '.join(sorted(self.fields))}"
