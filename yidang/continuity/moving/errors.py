"""Why an archive cannot be moved."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from yidang.common.errors import IntegrityFailure, InvalidInput, WrongState


class CannotMove(InvalidInput):
    """Something about the two installations does not fit; nothing was changed."""

    code = "cannot_move"
    default_message = _("The archive cannot be moved like this.")
    default_remedy = _("Mend what is named, then give the same command again.")


class RowRefused(IntegrityFailure):
    """The new database does not take a row, or gives it out otherwise than it was."""

    code = "row_refused"
    default_remedy = _(
        "The old installation is untouched. Mend the row there, then give the same command again: it goes on."
    )

    def __init__(self, *, table: str, why: Any) -> None:
        super().__init__(_("The new database refuses rows of «%(table)s»: %(why)s") % {"table": table, "why": why})


class NotTheSame(IntegrityFailure):
    """What arrived is not what left; the switch is not made."""

    code = "not_the_same"
    default_message = _("What arrived is not what left: the switch is not made.")
    default_remedy = _("The old installation is whole. Look at the report, then give the same command again.")


class NotMoving(WrongState):
    """There is no move to call off."""

    code = "not_moving"
    default_message = _("This archive is not being moved.")
    default_remedy = _("Look whether --data names the folder that you mean.")
