"""What a drill compared byte by byte; until when a place keeps backups against everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("continuity", "0003_packs")]
    operations = [
        migrations.AddField("backuprun", "locked_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("backuprun", "renewed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("drillrun", "compared", models.BigIntegerField(default=0)),
        migrations.AddField("drillrun", "bytes", models.BigIntegerField(default=0)),
    ]
