from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0012_address_on_the_card")]

    operations = [
        migrations.CreateModel(
            name="AskedFrom",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=64)),
                ("span", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("address", "span"), name="access_asked_once")],
            },
        ),
    ]
