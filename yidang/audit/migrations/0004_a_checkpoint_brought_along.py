from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_cosignatures")]

    operations = [
        migrations.AddField(
            model_name="verification",
            name="kept",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
