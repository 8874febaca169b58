"""Filing tickets: what an OA's server gives its page so that the browser may file one document, and nothing else.

The OA's token stays on the OA's server. A ticket is signed, names the client and the document's source id, and ends
after a quarter of an hour; a revoked client's tickets end with it.
"""

from dataclasses import dataclass, replace

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.people import clients

SALT = "yidang.filing-ticket"
SECONDS = 15 * 60
SCHEME = "Ticket "


class TicketRefused(NotAllowed):
    """The ticket is for another document."""

    code = "ticket_refused"


@dataclass(frozen=True)
class Ticket:
    """What a ticket allows: filing and asking after one document of one source system."""

    actor: Actor
    source_system: str
    source_id: str

    def require(self, source_system: str, source_id: str) -> None:
        """Refuse another document.

        :raises TicketRefused: it is for another one
        """
        if (self.source_system, self.source_id) != (source_system, source_id):
            raise TicketRefused(
                _("This ticket is for another document."),
                remedy=_("Reload the page, so that it gets a ticket of its own."),
            )


def issue(actor: Actor, *, client_id: str, source_system: str, source_id: str) -> str:
    """A ticket for one document.

    :raises InvalidInput: the document is not named
    :raises NotAllowed: the client's token does not allow filing
    """
    if not source_system or not source_id:
        raise InvalidInput(_("A ticket needs source_system and source_id."), field="source_id")
    if not actor.may_use("filing") or not client_id:
        raise NotAllowed(_("Only an API client with the scope «filing» hands out tickets."))
    return signing.dumps([client_id, source_system, source_id], salt=SALT, compress=True)


def read(request: HttpRequest) -> Ticket | None:
    """The ticket of a request, or nothing when it carries none that is valid."""
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        return None
    try:
        client_id, source_system, source_id = signing.loads(header.removeprefix(SCHEME), salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    actor = clients.actor_of(client_id, address=request.actor.address)
    if actor is None:
        return None
    return Ticket(replace(actor, scopes=frozenset({"filing"})), source_system, source_id)
