"""Masks over parts of pages."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_certificates"),
        ("catalogue", "0003_holdings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Mask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("document", models.PositiveIntegerField()),
                ("page", models.PositiveIntegerField()),
                ("left", models.FloatField()),
                ("top", models.FloatField()),
                ("right", models.FloatField()),
                ("bottom", models.FloatField()),
                ("finds", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("made_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="masks", to="catalogue.record"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["record", "document", "page"],
                        name="access_masks_of_page",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left__gte", 0),
                            ("top__gte", 0),
                            ("right__lte", 1),
                            ("bottom__lte", 1),
                            ("left__lt", models.F("right")),
                            ("top__lt", models.F("bottom")),
                        ),
                        name="access_mask_within_page",
                    )
                ],
            },
        ),
    ]
