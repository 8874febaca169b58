from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.AddField("archivalcode", "reserved_at", models.DateTimeField(blank=True, null=True)),
    ]
