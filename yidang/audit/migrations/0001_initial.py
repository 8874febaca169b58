from django.db import migrations, models

SQLITE = [
    f"CREATE TRIGGER audit_{table}_no_{verb.lower()} BEFORE {verb} ON audit_{table} "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    for table, verb in [("entry", "UPDATE"), ("entry", "DELETE"), ("personalfacts", "UPDATE"), ("head", "DELETE")]
]
POSTGRESQL = [
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
    *[
        f"CREATE TRIGGER audit_{table}_no_{verb.lower()} BEFORE {verb} ON audit_{table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        for table, verb in [("entry", "UPDATE"), ("entry", "DELETE"), ("personalfacts", "UPDATE"), ("head", "DELETE")]
    ],
]


def guard_the_log(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def make_head(apps, schema_editor):
    apps.get_model("audit", "Head").objects.create(pk=1, size=0, hash="0" * 64)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=80)),
                ("outcome", models.CharField(max_length=10)),
                ("actor", models.CharField(max_length=150)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("target_kind", models.CharField(blank=True, max_length=40)),
                ("target", models.CharField(blank=True, max_length=100)),
                ("body", models.TextField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["actor", "seq"], name="audit_by_actor"),
                    models.Index(fields=["target", "seq"], name="audit_by_target"),
                    models.Index(fields=["event", "seq"], name="audit_by_event"),
                    models.Index(fields=["at"], name="audit_by_time"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField(default=0)),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="PersonalFacts",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=models.deletion.PROTECT,
                        primary_key=True,
                        related_name="personal",
                        serialize=False,
                        to="audit.entry",
                    ),
                ),
                ("salt", models.CharField(max_length=32)),
                ("body", models.TextField()),
            ],
        ),
        migrations.RunPython(make_head, migrations.RunPython.noop),
        migrations.RunPython(guard_the_log, migrations.RunPython.noop),
    ]
