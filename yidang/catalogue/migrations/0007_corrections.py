"""Corrections of archived records."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("approval", "0003_working_hours_and_changes_by_hand"),
        ("catalogue", "0006_relations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "Correction",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("reason", models.CharField(max_length=500)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("applied", "Applied"),
                            ("refused", "Refused"),
                            ("returned", "Returned"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approval.case",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="catalogue.record",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.AddConstraint(
            "correction",
            models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("record",), name="catalogue_one_waiting_correction"
            ),
        ),
    ]
