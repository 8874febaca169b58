"""Decisions carry a signature by SM2 beside the one by Ed25519, where the setting asks for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approval", "0003_working_hours_and_changes_by_hand")]

    operations = [
        migrations.AddField(
            model, name, models.CharField(blank=True, default="", max_length=length), preserve_default=False
        )
        for model in ("decision", "takenback")
        for name, length in (("sm2_key", 128), ("sm2_signature", 100))
    ]
