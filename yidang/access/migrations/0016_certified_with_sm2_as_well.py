"""The note of a certified copy carries a signature by SM2 beside the one by Ed25519, where the setting asks for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0015_several_documents_in_a_certified_copy")]

    operations = [migrations.AddField("certificate", "sm2", models.JSONField(default=dict))]
