"""How many records there are of each kind that permission tells apart, so that counts need no walk through millions of rows."""

from django.db import models

from yidang.catalogue.models.arrangement import RecordClass


class Holding(models.Model):
    """The number of records of one class, department, level and year; taken-back records are not counted."""

    record_class = models.ForeignKey(RecordClass, on_delete=models.CASCADE, related_name="+")
    department_id = models.BigIntegerField(default=0)  # 0: no department; empty values would not be unique
    level = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField()
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_class", "department_id", "level", "year"], name="catalogue_holding_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_class_id}/{self.department_id}/{self.level}/{self.year}: {self.count}"
