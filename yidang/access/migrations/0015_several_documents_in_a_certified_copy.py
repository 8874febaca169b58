"""A certified copy holds pages of several documents."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0014_owners_are_told")]

    operations = [
        migrations.CreateModel(
            "FurtherDocument",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("document", models.PositiveIntegerField()),
                ("pages", models.JSONField()),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="further", to="access.certificate"
                    ),
                ),
                (
                    "opening",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="further_certified",
                        to="access.opening",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("certificate", "document"), name="access_certified_once")
                ]
            },
        ),
    ]
