from django.conf import settings
from django.db import migrations, models

from yidang.common.db.operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # the table of permissions may be large, and people read under it meanwhile

    dependencies = [
        ("permissions", "0004_what_narrows_a_grant"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexQuietly(
            model_name="grant",
            index=models.Index(
                condition=models.Q(("revoked_at", None)), fields=["until", "id"], name="permissions_grants_by_end"
            ),
        ),
    ]
