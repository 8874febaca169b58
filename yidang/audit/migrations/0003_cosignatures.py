from django.db import migrations, models


def keep_the_latest(apps, schema_editor):
    sighting, cosignature = apps.get_model("audit", "Sighting"), apps.get_model("audit", "Cosignature")
    for row in sighting.objects.exclude(size=0).exclude(seen_at=None):
        # A folder's note bears our own signature alone; it stands in the folder.
        if sum(line.startswith("\u2014 ") for line in row.note.splitlines()) > 1:
            cosignature.objects.create(witness=row.witness, size=row.size, note=row.note, seen_at=row.seen_at)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_tree_and_witnesses")]

    operations = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("witness", models.CharField(max_length=60)),
                ("size", models.BigIntegerField()),
                ("note", models.TextField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["-seen_at"], name="audit_cosignature_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("witness", "size"), name="audit_one_cosignature"),
                ],
            },
        ),
        migrations.RunPython(keep_the_latest, migrations.RunPython.noop),
    ]
