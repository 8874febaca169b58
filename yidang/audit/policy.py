"""Who reads the log: the audit administrator, and nobody else."""

from yidang.common.actor import Actor
from yidang.common.errors import NotFound


def reads_log(actor: Actor) -> bool:
    """Whether the actor reads the log."""
    return actor.has_duty("audit_admin") and actor.may_use("audit")


def require_reads_log(actor: Actor) -> None:
    """For everybody else the log's pages do not exist.

    :raises NotFound: the actor is not the audit administrator
    """
    if not reads_log(actor):
        raise NotFound()
