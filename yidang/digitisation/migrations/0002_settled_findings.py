"""Findings after the receipt are settled by an archivist, who says what was done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("digitisation", "0001_initial")]

    operations = [
        migrations.AddField("latefinding", "settled_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "latefinding",
            "settled_by",
            models.CharField(blank=True, default="", max_length=150),
            preserve_default=False,
        ),
        migrations.AddField(
            "latefinding", "note", models.CharField(blank=True, default="", max_length=300), preserve_default=False
        ),
        migrations.AddIndex(
            "latefinding",
            models.Index(
                condition=models.Q(("settled_at", None)), fields=["-at", "-id"], name="digitisation_open_findings"
            ),
        ),
    ]
