"""选件篮: records that a person gathers in their session before asking for all of them at once."""

from uuid import UUID

from django.http import HttpRequest

KEY, MOST = "basket", 100


def gathered(request: HttpRequest) -> list[str]:
    """Public ids in the order in which they were put in."""
    return list(request.session.get(KEY, []))


def put(request: HttpRequest, public_id: UUID) -> bool:
    """Put a record in; whether there was room."""
    held = gathered(request)
    if str(public_id) not in held:
        if len(held) >= MOST:
            return False
        request.session[KEY] = [*held, str(public_id)]
    return True


def empty(request: HttpRequest) -> None:
    """What was asked for is no longer gathered."""
    request.session.pop(KEY, None)
