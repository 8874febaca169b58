"""Holds 暂缓处置: what stays whatever its period says."""

import django.db.models.deletion
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0004_renditions"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("reason", models.CharField(max_length=200)),
                ("set_by", models.CharField(max_length=150)),
                ("set_at", models.DateTimeField()),
                ("lifted_by", models.CharField(blank=True, max_length=150)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lift_note", models.CharField(blank=True, max_length=200)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="catalogue.record"
                    ),
                ),
            ],
            options={
                "ordering": ["set_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)), fields=["record"], name="catalogue_holds_live"
                    ),
                    models.Index(fields=["-set_at", "-id"], name="catalogue_holds_newest"),
                ],
            },
        ),
    ]
