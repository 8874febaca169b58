"""Who looks after the copies: archivists and the system administrator. The vault knows ids only, so both may see them."""

from yidang.common.actor import Actor
from yidang.common.errors import NotFound


def keeps_copies(actor: Actor) -> bool:
    """Whether this actor sees and cares for the copies."""
    return actor.has_duty("archivist", "system_admin")


def require_keeps_copies(actor: Actor) -> None:
    """Refuse everybody else.

    :raises NotFound: to them there is no such page
    """
    if not keeps_copies(actor):
        raise NotFound()
