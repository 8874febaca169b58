"""Who cares for coming back: the system administrator; who sees how it went and judges formats: the archivist too."""

from yidang.common.actor import Actor
from yidang.common.errors import NotFound


def keeps_backups(actor: Actor) -> bool:
    """Whether the actor takes backups, orders drills and sees how they went."""
    return actor.kind == "system" or actor.has_duty("system_admin")


def judges_formats(actor: Actor) -> bool:
    """Whether the actor judges the risk of formats."""
    return actor.has_duty("archivist")


def require_keeps_backups(actor: Actor) -> None:
    """For everybody else these pages do not exist.

    :raises NotFound: the actor does not
    """
    if not keeps_backups(actor):
        raise NotFound()


def require_sees_backups(actor: Actor) -> None:
    """How backups and drills went is also for whoever answers for the records; they name none.

    :raises NotFound: the actor is neither archivist nor system administrator
    """
    if not (keeps_backups(actor) or actor.has_duty("archivist")):
        raise NotFound()


def require_sees_formats(actor: Actor) -> None:
    """The register of formats names no record.

    :raises NotFound: the actor is neither archivist nor system administrator
    """
    if not (judges_formats(actor) or keeps_backups(actor)):
        raise NotFound()


def makes_packs(actor: Actor) -> bool:
    """Whether the actor makes century packs: who keeps records, of those that they may copy."""
    return actor.kind == "person" and actor.has_duty("archivist", "records_clerk")


def require_makes_packs(actor: Actor) -> None:
    """For everybody else packs do not exist.

    :raises NotFound: the actor keeps no records
    """
    if not makes_packs(actor):
        raise NotFound()
