"""Prints that were made, each fetched once."""

import django.db.models.deletion
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [("access", "0002_releases_of_originals")]

    operations = [
        migrations.CreateModel(
            name="Printout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("copies", models.PositiveSmallIntegerField(default=1)),
                ("made_at", models.DateTimeField()),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "opening",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="printout", to="access.opening"
                    ),
                ),
            ],
        ),
    ]
