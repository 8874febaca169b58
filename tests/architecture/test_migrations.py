"""Migrations are complete, linear, and named by hand after what they do."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

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
