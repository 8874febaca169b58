"""Numbers that are given out: archival codes and the counters behind them."""

from django.db import models
from django.db.models import Q

from yidang.catalogue.models.arrangement import Fonds


class Counter(models.Model):
    """The next number of one series, such as the items of ``Y012-WS·2026·Y·YB`` or the accessions of 2026."""

    series = models.CharField(max_length=150, unique=True)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series} {self.last}"


class ArchivalCode(models.Model):
    """A code 档号 that was given out. A final one is never given again; a released one of a gapless series is."""

    PROVISIONAL, FINAL, RELEASED, VOID = "provisional", "final", "released", "void"

    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT)
    code = models.CharField(max_length=150)
    series = models.CharField(max_length=150)
    number = models.PositiveBigIntegerField()
    state = models.CharField(max_length=12)
    record_id = models.BigIntegerField(null=True, blank=True)  # empty while a filing still moves its bytes
    reserved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fonds", "code"], name="catalogue_code_once"),
            models.UniqueConstraint(fields=["series", "number"], name="catalogue_number_once"),
        ]
        indexes = [
            models.Index(fields=["series", "number"], condition=Q(state="released"), name="catalogue_released"),
            models.Index(fields=["record_id"], name="catalogue_code_record"),
        ]

    def __str__(self) -> str:
        return self.code
