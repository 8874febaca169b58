"""That no good copy is left is a finding of its own, which stands until a good one is there again."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a kind of finding."""

    dependencies: ClassVar = [("vault", "0002_tombstones")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="scrubfinding",
            name="kind",
            field=models.CharField(
                choices=[
                    ("bitflip", "Bitflip"),
                    ("missing", "Missing"),
                    ("extra", "Extra"),
                    ("foreign", "Foreign"),
                    ("version", "Version"),
                    ("lost", "Lost"),
                ],
                max_length=8,
            ),
        ),
    ]
