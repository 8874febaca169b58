"""Filing tickets: what an OA's server gives its page so that the browser may file one document, and nothing else.

The OA's token stays on the OA's server. A ticket is signed, names the client and the document's source id, and ends
after a quarter of an hour; a revoked client's tickets end with it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.people import clients
from yidang.people.middleware import signed_in, signed_out

SALT = "yidang.filing-ticket"
VALID_FOR = timedelta(minutes=15)
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


def issue(actor: Actor, *, source_system: str, source_id: str, now: datetime) -> tuple[str, datetime]:
    """A ticket for one document, and when it ends.

    :raises InvalidInput: the document is not named
    :raises NotAllowed: the caller is no API client, or its token does not allow filing
    """
    if not source_system or not source_id:
        raise InvalidInput(
            _("A ticket needs source_system and source_id."), field="source_id", remedy=_("Send both as texts.")
        )
    client_id = clients.client_id_of(actor)
    if not client_id or not actor.may_use("filing"):
        raise NotAllowed(
            _("Only an API client with the scope «filing» hands out tickets."),
            remedy=_("Ask the security administrator for a client with this scope."),
        )
    ticket = signing.dumps([client_id, source_system, source_id], salt=SALT, compress=True)
    return ticket, now + VALID_FOR


def caller(request: HttpRequest) -> Actor:
    """The API's question who calls, where a ticket does as well as a token or a session.

    :raises SignedOut: none of them, or a ticket that is not ours, has ended, or whose client is no longer let in
    """
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        return signed_in(request)
    ticket = _read(header.removeprefix(SCHEME).strip(), address=request.actor.address)
    if ticket is None:
        raise signed_out()
    request.actor, request.ticket = ticket.actor, ticket
    return ticket.actor


def require(request: HttpRequest, source_system: str, source_id: str) -> None:
    """Hold a caller with a ticket to the document that it is for; others pass.

    :raises TicketRefused: it is for another one
    """
    ticket: Ticket | None = getattr(request, "ticket", None)
    if ticket is not None:
        ticket.require(source_system, source_id)


def _read(text: str, *, address: str) -> Ticket | None:
    try:
        client_id, source_system, source_id = signing.loads(text, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError):
        return None
    actor = clients.actor_of(client_id, address=address)
    if actor is None or not actor.may_use("filing"):
        return None
    return Ticket(replace(actor, scopes=frozenset({"filing"})), source_system, source_id)
