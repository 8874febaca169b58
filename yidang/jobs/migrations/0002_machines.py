from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Machine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("installation", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=10)),
                ("version", models.CharField(blank=True, max_length=40)),
                ("keys", models.JSONField(default=dict)),
                ("clock_ahead", models.FloatField(default=0)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
