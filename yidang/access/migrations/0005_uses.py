"""The register of uses."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_emergency_access"),
        ("catalogue", "0003_holdings"),
        ("people", "0002_sessions_and_passwords"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("screen", "Screen"),
                            ("print", "Print"),
                            ("original", "Original"),
                            ("emergency", "Emergency"),
                            ("counter", "Counter"),
                            ("phone", "Phone"),
                            ("remote", "Remote"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("visitor", models.CharField(max_length=40)),
                ("purpose", models.CharField(max_length=12)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("asked", models.CharField(blank=True, max_length=300)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("given", "Given"),
                            ("partly", "Partly"),
                            ("nothing", "Nothing"),
                            ("refused", "Refused"),
                        ],
                        default="given",
                        max_length=8,
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=300)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("paper", models.BooleanField(default=False)),
                ("paper_reason", models.CharField(blank=True, max_length=200)),
                ("seconds", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.department",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="catalogue.record",
                    ),
                ),
                (
                    "registered_by",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UseReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, max_length=60)),
                ("id_number", models.CharField(blank=True, max_length=20)),
                ("unit", models.CharField(blank=True, max_length=120)),
                ("contact", models.CharField(blank=True, max_length=60)),
                (
                    "use",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reader", to="access.use"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["-at", "-id"], name="access_uses_latest"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["day", "purpose"], name="access_uses_year"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["user", "-at"], name="access_uses_of_user"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(condition=models.Q(("result", "waiting")), fields=["at"], name="access_uses_waiting"),
        ),
    ]
