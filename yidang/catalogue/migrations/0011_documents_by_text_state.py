from django.db import migrations, models

from yidang.common.db.operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # documents are many, and people read under it meanwhile

    dependencies = [("catalogue", "0010_copies_a_class_needs")]

    operations = [
        AddIndexQuietly(
            model_name="document",
            index=models.Index(fields=["text_state"], name="catalogue_document_text"),
        ),
    ]
