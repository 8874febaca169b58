from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="IndexCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("machine", models.CharField(max_length=60, unique=True)),
                ("seq", models.BigIntegerField(default=0)),
                ("records", models.BigIntegerField(default=0)),
                ("built", models.BigIntegerField(blank=True, null=True)),
                ("failed", models.IntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
