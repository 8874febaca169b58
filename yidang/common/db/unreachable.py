"""A database server that is away: restarting after a crash, out of connections, or cut off in the middle of a question."""

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from yidang.common.errors import Unavailable

# SQLSTATE: connection exceptions; shut down, crashed, or not yet accepting connections; too many connections.
_AWAY = ("08", "57P", "53300")


class DatabaseUnreachable(Unavailable):
    """The database server does not answer; what was under way may have been kept or not."""

    code = "database_unreachable"
    default_message = _("The database does not answer at the moment.")
    default_remedy = _(
        "Try again in a minute; look first whether what you entered is already there. A system that files asks again "
        "with the same id. If it stays so, tell the system administrator."
    )


def is_unreachable(error: BaseException) -> bool:
    """Whether a fault means that the server is away, and not that a statement was wrong."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    # A line that breaks, or was never made, carries no state; SQLite's errors do not know the word.
    state = getattr(cause, "sqlstate", "none of these")
    return state is None or state.startswith(_AWAY)
