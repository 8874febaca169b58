"""Migrations are complete, linear, and named by hand after what they do."""

import re
from pathlib import Path

import pytest
from django.contrib.postgres.functions import RandomUUID
from django.core.management import call_command
from django.db.migrations import AddConstraint, AddField, AddIndex, AlterField, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, Index, TextField, UUIDField, Value

from yidang.common.db.operations import AddIndexQuietly

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db
def test_the_migrations_make_the_tables_that_the_models_describe() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_hand_and_linear() -> None:
    for folder in (ROOT / "yidang").glob("*/migrations"):
        names = sorted(path.stem for path in folder.glob("[0-9]*.py"))
        numbers = [name[:4] for name in names]
        assert len(numbers) == len(set(numbers)), f"{folder.parent.name} has two migrations with one number."
        for name in names:
            assert not re.search(r"_auto_\d{8}|_and_more$", name), f"{folder.parent.name}/{name} was not named by hand."


# Tables of millions of rows. What was changed in them before there was a large installation stays as it is.
LARGE = {
    "audit.entry", "audit.personalfacts", "catalogue.record", "catalogue.document", "catalogue.recordchange", "vault.copy",
    "vault.storedobject", "access.use", "access.opening", "intake.submission", "jobs.job",
    "permissions.grant",
}  # fmt: skip
# Frozen when the rule began; the first installation was made after them.
RELEASED = {
    "audit.0002_tree_and_witnesses",
    "catalogue.0003_holdings",
}


def _holds_up(operation: object) -> str:
    """Why a change of a large table would keep people waiting; empty when it does not."""
    if isinstance(operation, AddIndexQuietly | CreateModel):
        return ""
    if isinstance(operation, AddIndex):
        return "an index is built while the table is locked; use AddIndexQuietly in a migration that is not atomic"
    if isinstance(operation, AddConstraint):
        return "a constraint is checked over all rows while the table is locked; add it NOT VALID, then validate"
    if isinstance(operation, AlterField):
        return "the table may be written anew while it is locked"
    if isinstance(operation, AddField):
        # Django works a default in Python out once and hands it over as a constant; the database's own differ by row.
        told = operation.field.db_default
        if told is not NOT_PROVIDED and hasattr(told, "resolve_expression") and not isinstance(told, Value):
            return "a default that differs from row to row writes the table anew"
    return ""


def _judged(migrations: dict[tuple[str, str], Migration]) -> list[str]:
    found = []
    for (app, name), migration in sorted(migrations.items()):
        made = {op.name_lower for op in migration.operations if isinstance(op, CreateModel)}
        for operation in migration.operations:
            model = getattr(operation, "model_name", "").lower()
            if f"{app}.{model}" in LARGE and model not in made and (why := _holds_up(operation)):
                found.append(f"{app}/{name}: {model}: {why}")
    return found


def test_no_new_migration_holds_a_large_table_up() -> None:
    loaded = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {key: one for key, one in loaded.items() if one.__module__.startswith("yidang.")}
    assert len(ours) > 20
    new = {key: one for key, one in ours.items() if f"{key[0]}.{key[1]}" not in RELEASED}
    assert _judged(new) == []


def test_a_migration_that_would_hold_a_large_table_up_is_named() -> None:
    bad = Migration("0099_bad", "audit")
    bad.operations = [
        AddIndex("entry", Index(fields=["outcome"], name="bad")), AddField("entry", "mark", UUIDField(db_default=RandomUUID())),
        AddIndexQuietly("entry", Index(fields=["outcome"], name="good")), AddField("entry", "note", TextField(default="")),
    ]  # fmt: skip
    found = _judged({("audit", "0099_bad"): bad})
    assert len(found) == 2 and "AddIndexQuietly" in found[0] and "row to row" in found[1]
