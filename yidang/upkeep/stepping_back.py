"""Taking the tables back to what an older version of the program knows, where that can be done without guessing.

Only changes that are made of reversible steps are taken back; what an upgrade did otherwise comes back from the backup
that was taken before it.
"""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import WrongState

# Django remakes a table of SQLite to take a column out, and the log's triggers would be gone with the old one.
GUARDED_ON_SQLITE = frozenset({"audit"})


class CannotStepBack(WrongState):
    """At least one change of tables cannot be undone."""

    code = "cannot_step_back"
    default_remedy = gettext_lazy(
        "Go back with the backup that was taken before the upgrade: install the older version, then «yidang restore ADDRESS --data "
        "EMPTY-FOLDER»; docs/operator/offline.md, «When tables cannot go back»."
    )


def known() -> list[str]:
    """The changes of tables that this version of the program knows, as ``app.name``."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def made() -> list[str]:
    """Those that the database has seen."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def to_undo(older: Collection[str]) -> list[Migration]:
    """What stands between the database and an older version, in the order in which it is undone.

    :param older: the changes that the older version knows
    :raises CannotStepBack: a change cannot be undone, or an older one leans on it
    """
    executor = MigrationExecutor(connection)
    applied = set(executor.loader.applied_migrations)
    surplus = {key for key in applied if ".".join(key) not in older}
    unknown = surplus - set(executor.loader.disk_migrations)
    if unknown:
        raise CannotStepBack(
            _("The database has seen changes that this version does not know either: %(names)s.")
            % {"names": ", ".join(sorted(".".join(key) for key in unknown))}
        )
    plan = executor.migration_plan(_targets(executor, surplus)) if surplus else []
    found = [migration for migration, backwards in plan if backwards]
    fixed = [f"{one.app_label}.{one.name}" for one in found if not _can_be_undone(one)]
    beyond = [f"{one.app_label}.{one.name}" for one in found if (one.app_label, one.name) not in surplus]
    if fixed or beyond:
        raise CannotStepBack(
            _("These changes of tables cannot be undone: %(names)s.") % {"names": ", ".join(sorted({*fixed, *beyond}))}
        )
    return found


def step_back(older: Collection[str], *, actor: Actor) -> list[str]:
    """Undo every change that the older version does not know; answers their names. What they added is gone with them.

    :raises CannotStepBack: nothing was undone
    """
    found = to_undo(older)
    names = [f"{one.app_label}.{one.name}" for one in found]
    if found:
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor, {(one.app_label, one.name) for one in found}))
        with transaction.atomic():
            audit.write("system.tables.stepped_back", actor=actor, facts={"undone": names})
    return names


def _targets(executor: MigrationExecutor, surplus: Collection[tuple[str, str]]) -> list[tuple[str, str | None]]:
    """For each package the newest change that stays; nothing where none does."""
    targets: list[tuple[str, str | None]] = []
    for app in sorted({app for app, _name in surplus}):
        staying = sorted(
            name for other, name in executor.loader.disk_migrations if other == app and (other, name) not in surplus
        )
        targets.append((app, staying[-1] if staying else None))
    return targets


def _can_be_undone(migration: Migration) -> bool:
    if connection.vendor == "sqlite" and migration.app_label in GUARDED_ON_SQLITE:
        return False
    return all(operation.reversible for operation in migration.operations)
