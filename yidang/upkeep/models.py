"""What is remembered about the program's health: samples of a few figures, and the latest looks of the doctor."""

from django.db import models


class Sample(models.Model):
    """One figure at one moment.

    Fine samples tell the last two days in steps of minutes, coarse ones the last years, one a day.
    """

    name = models.CharField(max_length=80)
    fine = models.BooleanField()
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "fine", "at"], name="upkeep_one_sample")]
        indexes = [models.Index(fields=["fine", "at"], name="upkeep_sample_by_age")]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%F %T} {self.value:g}"


class Look(models.Model):
    """What the doctor found at one moment, in the languages of the interface."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    findings = models.JSONField()  # {"zh-hans": [{"area", "level", "sentence", "remedy"}], "en": […]}

    class Meta:
        indexes = [models.Index(fields=["-at"], name="upkeep_look_newest")]

    def __str__(self) -> str:
        return f"{self.at:%F %T}"
