import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [
        migrations.AddField("user", "session_epoch", models.PositiveIntegerField(default=0)),
        migrations.AddField("apiclient", "created_by", models.CharField(blank=True, max_length=150)),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"), name="people_one_username_in_any_case"
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(condition=models.Q(("clearance__lte", 3)), name="people_clearance_known"),
        ),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=128)),
                ("replaced_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignedIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_digest", models.CharField(max_length=64, unique=True)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("epoch", models.PositiveIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["user", "ended_at"], name="people_sessions_of_user")]},
        ),
    ]
