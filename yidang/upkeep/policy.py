"""Who cares for the running program: the system administrator; the archivist sees how it stands."""

from yidang.common.actor import Actor
from yidang.common.errors import NotFound


def cares(actor: Actor) -> bool:
    """Whether the actor sees everything about the program's health and may ask for looks and bundles."""
    return actor.kind == "system" or actor.has_duty("system_admin")


def sees(actor: Actor) -> bool:
    """Whether the actor sees how the program stands; figures and places name no record and nobody."""
    return cares(actor) or actor.has_duty("archivist")


def require_cares(actor: Actor) -> None:
    """For everybody else there is no such thing.

    :raises NotFound: the actor does not
    """
    if not cares(actor):
        raise NotFound()


def require_sees(actor: Actor) -> None:
    """For everybody else there is no such page.

    :raises NotFound: the actor does not
    """
    if not sees(actor):
        raise NotFound()
