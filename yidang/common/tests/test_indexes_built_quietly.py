"""An index that an upgrade built without a transaction, and died over, does not stand in the way of the next upgrade."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from yidang.common.db.operations import AddIndexQuietly

NAME = "permissions_grants_by_end"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("J1")]


def test_what_is_left_of_it_is_built_anew(db: None) -> None:
    operation = AddIndexQuietly(
        "grant", models.Index(fields=["until", "id"], condition=models.Q(revoked_at=None), name=NAME)
    )
    state = ProjectState.from_apps(apps)
    assert NAME in _indexes(), "this version has it"
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("permissions", editor, state, state)
    assert NAME in _indexes()


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "permissions_grant"))
