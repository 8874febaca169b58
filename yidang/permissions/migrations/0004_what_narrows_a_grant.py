from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("permissions", "0003_borrowing_and_certifying")]

    operations = [
        migrations.AddField("grant", "sheets", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("grant", "sheets_used", models.PositiveIntegerField(default=0)),
        migrations.AddField("grant", "pages", models.CharField(blank=True, max_length=200)),
        migrations.AddField("grant", "address", models.CharField(blank=True, max_length=200)),
    ]
