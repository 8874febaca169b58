"""Rolling back: what can be undone is undone, what cannot is refused before anything is touched."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.management import call_command
from django.db import connection

from yidang.audit.models import Entry
from yidang.commands.preparing import migrate
from yidang.common.actor import Actor
from yidang.upkeep import stepping_back
from yidang.upkeep.stepping_back import CannotStepBack

OPERATOR = Actor.system("operator")
pytestmark = pytest.mark.django_db


def without(package: str) -> list[str]:
    """What a version before this package knew."""
    return [name for name in stepping_back.known() if not name.startswith(f"{package}.")]


def test_this_version_knows_what_its_database_has_seen() -> None:
    assert stepping_back.made() == stepping_back.known()
    assert stepping_back.to_undo(stepping_back.known()) == []


def test_a_change_that_can_be_undone_is_undone_and_made_again(own_database: Path) -> None:
    assert stepping_back.step_back(without("upkeep"), actor=OPERATOR)[-1] == "upkeep.0001_initial"
    assert "upkeep_sample" not in connection.introspection.table_names()
    assert Entry.objects.filter(event="system.tables.stepped_back").exists()
    call_command("migrate", interactive=False, verbosity=0)
    assert "upkeep_sample" in connection.introspection.table_names()


def test_a_change_without_a_way_back_is_refused_with_what_to_do(own_database: Path) -> None:
    with pytest.raises(CannotStepBack) as refused:
        stepping_back.step_back(without("audit"), actor=OPERATOR)
    assert "audit.0001_initial" in str(refused.value)
    assert "yidang restore" in str(refused.value.remedy)
    assert stepping_back.made() == stepping_back.known()


def test_a_database_newer_than_both_versions_is_refused(own_database: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('vault', '9999_later', '2027-01-01')"
        )
    with pytest.raises(CannotStepBack, match=r"vault\.9999_later"):
        stepping_back.to_undo(stepping_back.known())


def test_the_command_reads_what_the_older_version_printed(own_database: Path, tmp_path: Path) -> None:
    listed = CliRunner().invoke(migrate, ["--list", "--json"])
    file = tmp_path / "older.json"
    file.write_text(listed.stdout)
    answer = CliRunner().invoke(migrate, ["--back-to", str(file), "--json"])
    assert json.loads(answer.stdout) == {"undone": []}
    file.write_text(json.dumps({"known": without("audit")}))
    assert CliRunner().invoke(migrate, ["--back-to", str(file)]).exit_code == 1
