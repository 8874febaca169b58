"""How many copies a class needs in all and before the receipt."""

import django.db.models.deletion
from django.db import migrations, models

import yidang.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0009_covered_descriptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="CopyRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=yidang.common.ids.new_public_id, editable=False, unique=True)),
                ("copies", models.PositiveSmallIntegerField()),
                ("before", models.PositiveSmallIntegerField()),
                ("set_by", models.CharField(max_length=150)),
                ("set_at", models.DateTimeField()),
                (
                    "record_class",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copy_rule",
                        to="catalogue.recordclass",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("before__gte", 1)) & models.Q(("copies__gte", models.F("before"))),
                        name="catalogue_copies_before_and_after",
                    )
                ],
            },
        ),
    ]
