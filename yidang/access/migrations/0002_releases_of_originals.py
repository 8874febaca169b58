"""Openings know whether the original left."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField(model_name="opening", name="original", field=models.BooleanField(default=False)),
    ]
