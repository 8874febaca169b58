"""Lists of source systems, and what became of their lines."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("source_system", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("everything", models.BooleanField(default=False)),
                ("period_from", models.DateField(blank=True, null=True)),
                ("period_until", models.DateField(blank=True, null=True)),
                ("whole", models.BooleanField()),
                ("given_at", models.DateTimeField()),
                ("size", models.PositiveIntegerField()),
                ("counts", models.JSONField(default=dict)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_by", models.CharField(blank=True, max_length=150)),
                ("closing_note", models.CharField(blank=True, max_length=300)),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListedItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_id", models.CharField(max_length=200)),
                ("title", models.CharField(blank=True, max_length=1000)),
                ("expected", models.JSONField(blank=True, default=dict)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("held", "Held"),
                            ("stopped", "Stopped"),
                            ("altered", "Altered"),
                            ("missing", "Missing"),
                            ("excused", "Excused"),
                            ("extra", "Extra"),
                        ],
                        max_length=8,
                    ),
                ),
                ("excused_by", models.CharField(blank=True, max_length=150)),
                ("excused_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "source_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="intake.sourcelist"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="sourcelist",
            index=models.Index(fields=["-given_at", "-id"], name="intake_lists_latest"),
        ),
        migrations.AddIndex(
            model_name="sourcelist",
            index=models.Index(condition=models.Q(("closed_at", None)), fields=["id"], name="intake_lists_open"),
        ),
        migrations.AddIndex(
            model_name="listeditem",
            index=models.Index(fields=["source_list", "outcome", "id"], name="intake_listed_outcome"),
        ),
        migrations.AddConstraint(
            model_name="listeditem",
            constraint=models.UniqueConstraint(fields=("source_list", "source_id"), name="intake_listed_once"),
        ),
    ]
