"""Sealed copies, kept apart."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0009_watermark"),
        ("catalogue", "0003_holdings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SealedCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("object_id", models.UUIDField(unique=True)),
                ("manifest", models.TextField()),
                ("signature", models.CharField(max_length=100)),
                ("key_id", models.CharField(max_length=16)),
                ("reason", models.CharField(max_length=200)),
                ("present", models.JSONField(default=list)),
                ("sealed_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("opened_present", models.JSONField(default=list)),
                ("opened_reason", models.CharField(blank=True, max_length=200)),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sealed_copies", to="catalogue.record"
                    ),
                ),
                (
                    "sealed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["record", "-sealed_at"], name="access_seals_of_record")],
            },
        ),
    ]
