import django.db.models.deletion
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_holdings")]

    operations = [
        migrations.CreateModel(
            name="Rendition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("target", models.CharField(max_length=10)),
                ("outcome", models.CharField(max_length=8)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=150)),
                ("facts", models.JSONField(default=dict)),
                ("path", models.CharField(blank=True, max_length=200)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("sha512", models.CharField(blank=True, max_length=128)),
                ("sm3", models.CharField(blank=True, max_length=64)),
                ("format", models.CharField(blank=True, max_length=40)),
                ("mime", models.CharField(blank=True, max_length=100)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renditions",
                        to="catalogue.document",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
                "indexes": [models.Index(fields=["outcome", "-made_at"], name="catalogue_rendition_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "kept")),
                        fields=("document", "target"),
                        name="catalogue_rendition_once",
                    )
                ],
            },
        )
    ]
