from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_source_lists")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="reserved_on",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
    ]
