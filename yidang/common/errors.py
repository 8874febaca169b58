"""The six kinds of refusal.

::

    YidangError            code, sentence for people, remedy, details by name
    ├─ NotFound            not there, or hidden from this actor: the answer is the same
    ├─ NotAllowed          visible, but this actor may not do that
    ├─ InvalidInput        a field is wrong; ``field`` names it
    ├─ WrongState          already decided, already accepted, taken by somebody else
    ├─ IntegrityFailure    stored bytes or the log do not verify
    └─ Unavailable         later it may work: a site is missing, the disk is full

Concrete errors live beside the action that raises them. Callers compare ``code``, never text.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _


class YidangError(Exception):
    """A refusal that a person can read and act on.

    :param message: a whole translated sentence: what is wrong and where
    :param remedy: a whole translated sentence: what to do next
    :param field: the field of the form or the JSON path that is meant, or empty
    """

    code = "error"
    default_message: Any = _("This could not be done.")
    default_remedy: Any = ""

    def __init__(self, message: Any = "", *, code: str = "", field: str = "", remedy: Any = "", **details: Any) -> None:
        self.message = message or self.default_message
        self.code = code or self.code
        self.field = field
        self.remedy = remedy or self.default_remedy
        self.details = details
        super().__init__(str(self.code))

    def __str__(self) -> str:
        return str(self.message)


class NotFound(YidangError):
    """There is no such thing, or this actor may not know that there is."""

    code = "not_found"
    default_message = _("There is nothing at this address that you may see.")
    default_remedy = _("Check the address, or ask the archive room if you think it should be there.")


class NotAllowed(YidangError):
    """The actor sees the thing but may not do this with it."""

    code = "not_allowed"
    default_message = _("You may not do this.")
    default_remedy = _("Ask for permission from its page, or ask the archive room.")


class InvalidInput(YidangError):
    """Something that was handed over is wrong; nothing was changed."""

    code = "invalid_input"
    default_message = _("Something that was entered is not right.")


class WrongState(YidangError):
    """The thing is no longer, or not yet, in the state that this needs."""

    code = "wrong_state"
    default_message = _("This is no longer possible.")
    default_remedy = _("Reload the page to see the present state.")


class IntegrityFailure(YidangError):
    """Stored bytes or the log do not verify."""

    code = "integrity_failure"
    default_message = _("Stored content did not pass its check.")
    default_remedy = _("Tell the archive room; nothing was changed.")


class Unavailable(YidangError):
    """Not now; the same call may work later."""

    code = "unavailable"
    default_message = _("This is not available right now.")
    default_remedy = _("Try again in a moment; if it stays so, tell the system administrator.")
