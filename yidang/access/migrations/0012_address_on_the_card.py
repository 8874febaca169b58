from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0011_what_narrows_a_permission")]

    operations = [migrations.AddField("usereader", "address", models.CharField(blank=True, max_length=200))]
