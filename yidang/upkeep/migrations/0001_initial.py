from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("findings", models.JSONField()),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="upkeep_look_newest")],
            },
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("fine", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("value", models.FloatField()),
            ],
            options={
                "indexes": [models.Index(fields=["fine", "at"], name="upkeep_sample_by_age")],
                "constraints": [models.UniqueConstraint(fields=("name", "fine", "at"), name="upkeep_one_sample")],
            },
        ),
    ]
