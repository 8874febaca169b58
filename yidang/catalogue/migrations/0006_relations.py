"""Relations 档案关系 between records."""

import django.db.models.deletion
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0005_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, max_length=150)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relations_from",
                        to="catalogue.record",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations_to", to="catalogue.record"
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("kind", "source", "target"),
                        name="catalogue_relation_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True),
                        name="catalogue_relation_of_two",
                    ),
                ],
            },
        ),
    ]
