"""What ``yidang doctor`` looks at; each check answers findings with their remedy and repairs nothing."""

from collections.abc import Callable, Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.translation import gettext as _

from yidang.upkeep.checks import keeping, machine, running
from yidang.upkeep.checks.finding import BAD, WARN, Finding

__all__ = ["BAD", "WARN", "Finding", "examine"]

CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    keeping.database, keeping.network_disk, keeping.log_protection, keeping.log_witnesses, machine.disk, machine.keys,
    machine.configuration, machine.versions, keeping.sites, keeping.backup_engine, keeping.way_back, running.jobs,
    machine.time, running.index, machine.scanner, machine.walls,
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
