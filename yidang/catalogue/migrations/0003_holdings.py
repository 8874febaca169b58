import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Count
from django.db.models.functions import Coalesce


def count_what_is_there(apps, schema_editor):
    record, holding = apps.get_model("catalogue", "Record"), apps.get_model("catalogue", "Holding")
    rows = (
        record.objects.exclude(state="withdrawn")
        .order_by()
        .values_list("record_class_id", Coalesce("department_id", 0), "level", "year")
        .annotate(number=Count("pk"))
    )
    holding.objects.bulk_create(
        [
            holding(record_class_id=class_id, department_id=department_id, level=level, year=year, count=number)
            for class_id, department_id, level, year, number in rows
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_codes_know_when_they_were_reserved")]

    operations = [
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("department_id", models.BigIntegerField(default=0)),
                ("level", models.PositiveSmallIntegerField()),
                ("year", models.PositiveSmallIntegerField()),
                ("count", models.BigIntegerField(default=0)),
                (
                    "record_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalogue.recordclass"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_class", "department_id", "level", "year"), name="catalogue_holding_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            "record",
            models.Index(fields=["record_class", "year", "received_at", "id"], name="catalogue_by_class_year"),
        ),
        migrations.RunPython(count_what_is_there, migrations.RunPython.noop),
    ]
