"""What was destroyed is remembered, so that no old copy brings it back."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of tombstones."""

    dependencies: ClassVar = [("vault", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.UUIDField(unique=True)),
                ("certificate", models.CharField(max_length=200)),
                ("reason", models.CharField(max_length=500)),
                ("signed_by", models.JSONField(default=list)),
                ("destroyed_at", models.DateTimeField()),
            ],
        ),
    ]
