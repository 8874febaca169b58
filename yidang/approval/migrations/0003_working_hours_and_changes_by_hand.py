"""Working hours by a calendar, decisions taken back, seats given to somebody else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def to_working_hours(apps, schema_editor):
    """A promise of days by the clock becomes one of working days: eight working hours for twenty-four."""
    routes = apps.get_model("approval", "Route").objects.filter(target_hours__gte=24)
    routes.update(target_hours=F("target_hours") / 3)


def to_clock_hours(apps, schema_editor):
    """Back to hours by the clock."""
    apps.get_model("approval", "Route").objects.update(target_hours=F("target_hours") * 3)


def person() -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):
    dependencies = [
        ("approval", "0002_due_times_seats_and_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "CalendarDay",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("worked", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=60)),
            ],
        ),
        migrations.CreateModel(
            "TakenBack",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.PositiveSmallIntegerField()),
                ("choice", models.CharField(max_length=10)),
                ("decided_at", models.DateTimeField()),
                ("text", models.TextField()),
                ("signature", models.CharField(max_length=100)),
                ("key_id", models.CharField(max_length=16)),
                ("taken_back_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taken_back", to="approval.case"
                    ),
                ),
                ("decided_by", person()),
            ],
        ),
        migrations.CreateModel(
            "Reassignment",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("by", person()),
                ("former", person()),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reassignments", to="approval.seat"
                    ),
                ),
                ("signer", person()),
            ],
        ),
        migrations.AlterField("route", "target_hours", models.PositiveIntegerField(default=8)),
        migrations.RunPython(to_working_hours, to_clock_hours),
    ]
