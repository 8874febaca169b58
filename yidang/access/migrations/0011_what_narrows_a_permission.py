"""The grant of an opening, and what a request asks a grant to be narrowed by."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0010_sealed_copies"), ("permissions", "0004_what_narrows_a_grant")]

    operations = [
        migrations.AddField(
            "opening",
            "grant",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="permissions.grant",
            ),
        ),
        migrations.AddField("accessrequest", "pages", models.CharField(blank=True, max_length=200)),
        migrations.AddField("accessrequest", "times", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("accessrequest", "sheets", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("accessrequest", "address", models.CharField(blank=True, max_length=200)),
        migrations.AddField(
            "accessrequest",
            "entered_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "use",
            "request",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.accessrequest",
            ),
        ),
        migrations.AddField("use", "borrowed", models.BooleanField(default=False)),
        migrations.AddField(
            "use",
            "grant",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="permissions.grant",
            ),
        ),
    ]
