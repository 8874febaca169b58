from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0007_corrections")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="text_mark",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
    ]
