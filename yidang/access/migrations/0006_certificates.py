"""Certified copies."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_uses"),
        ("catalogue", "0003_holdings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("number", models.CharField(max_length=20, unique=True)),
                ("code", models.CharField(max_length=16, unique=True)),
                ("document", models.PositiveIntegerField()),
                ("pages", models.JSONField()),
                ("purpose", models.CharField(max_length=12)),
                ("ground", models.CharField(max_length=12)),
                ("ground_detail", models.CharField(blank=True, max_length=200)),
                ("fee", models.DecimalField(decimal_places=2, default=0, max_digits=8)),
                ("address", models.CharField(max_length=200)),
                ("issued_at", models.DateTimeField()),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("marks", models.JSONField(default=list)),
                ("printed", models.PositiveIntegerField(default=0)),
                ("void_at", models.DateTimeField(blank=True, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "opening",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificate", to="access.opening"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to="catalogue.record"
                    ),
                ),
                (
                    "void_by",
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
            name="Applicant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("id_number", models.CharField(blank=True, max_length=20)),
                ("unit", models.CharField(blank=True, max_length=120)),
                ("contact", models.CharField(blank=True, max_length=60)),
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="applicant", to="access.certificate"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["-issued_at", "-id"], name="access_certificates_latest"),
        ),
    ]
