"""Alarms, what is usual, who leaves."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0002_sessions_and_passwords"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opening", models.BigIntegerField(default=0)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_day", models.DateField()),
                ("noted_at", models.DateTimeField()),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="departure",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                (
                    "rule",
                    models.CharField(
                        choices=[("many", "Many"), ("night", "Night"), ("kin", "Kin"), ("left", "Left")], max_length=8
                    ),
                ),
                ("hint", models.BooleanField(default=False)),
                ("raised_at", models.DateTimeField()),
                ("began_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
                ("limit", models.PositiveIntegerField()),
                ("evidence", models.JSONField(default=dict)),
                (
                    "verdict",
                    models.CharField(
                        blank=True, choices=[("explained", "Explained"), ("misuse", "Misuse")], max_length=10
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("suspended", models.BooleanField(default=False)),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alarms", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-raised_at", "-id"], name="oversight_alarms_latest"),
                    models.Index(fields=["user", "rule", "-raised_at"], name="oversight_alarms_of_user"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("user", "rule"),
                        name="oversight_one_open_alarm",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadingHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("records", models.PositiveIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["hour"], name="oversight_by_hour")],
                "constraints": [models.UniqueConstraint(fields=("user", "hour"), name="oversight_one_reading_hour")],
            },
        ),
        migrations.CreateModel(
            name="Usual",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("limits", models.JSONField(default=list)),
                ("nights", models.PositiveIntegerField(default=0)),
                ("days", models.PositiveIntegerField(default=0)),
                ("learnt_at", models.DateTimeField()),
                (
                    "department",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usual",
                        to="people.department",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usual",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("department__isnull", False), ("user__isnull", True)),
                            models.Q(("department__isnull", True), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="oversight_usual_of_one",
                    )
                ],
            },
        ),
    ]
