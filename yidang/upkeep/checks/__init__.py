"""What ``yidang doctor`` looks at; each check answers findings with their remedy and repairs nothing."""

from collections.abc import Callable, Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.translation import gettext as _

from yidang.upkeep.checks import fitness, keeping, machine, running, several
from yidang.upkeep.checks.finding import BAD, WARN, Finding

__all__ = ["BAD", "WARN", "Finding", "examine"]

CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    keeping.database, fitness.newer_tables, fitness.postgresql, keeping.network_disk, keeping.log_protection,
    keeping.log_witnesses, machine.disk, fitness.disk_forecast, fitness.machine, fitness.owners, machine.keys,
    fitness.secrets, machine.configuration, fitness.addresses, fitness.monitoring, fitness.certificate, machine.versions,
    fitness.reading, keeping.sites, keeping.backup_engine, fitness.backup_disk, keeping.way_back, keeping.backup_lock, running.jobs, machine.time,
    fitness.time_server, running.index, machine.scanner, machine.walls,
    several.several, several.shared_place, several.replica_near,
)  # fmt: skip


def examine() -> list[Finding]:
    """Every finding of every check; a check that cannot be made is a finding itself, so that the others are still made."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check()
        except (DatabaseError, OSError, ImproperlyConfigured, ValueError, RuntimeError) as reason:
            sentence = _("The check «%(name)s» could not be made: %(reason)s") % {
                "name": check.__name__,
                "reason": type(reason).__name__,
            }
            remedy = _("Mend that first, then run «yidang doctor» again.")
            found.append(Finding(check.__name__, BAD, sentence, remedy, str(reason)))
    return found
