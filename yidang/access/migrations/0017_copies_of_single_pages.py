"""A right to copy that names pages gives a file of those pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Prints say under which right they were made; the register of uses knows the kind."""

    dependencies = [("access", "0016_certified_with_sm2_as_well")]

    operations = [
        migrations.AddField("printout", "action", models.CharField(default="print", max_length=5)),
        # Words for the program; to the database the column stays what it is, and nobody waits.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "use",
                    "kind",
                    models.CharField(
                        choices=[
                            ("screen", "Screen"),
                            ("print", "Print"),
                            ("original", "Original"),
                            ("pages", "Pages"),
                            ("emergency", "Emergency"),
                            ("counter", "Counter"),
                            ("phone", "Phone"),
                            ("remote", "Remote"),
                        ],
                        max_length=10,
                    ),
                ),
            ]
        ),
    ]
