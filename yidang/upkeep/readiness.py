"""Whether this machine should be sent people: for the proxy in front of several, without a word about people or records."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yidang import search
from yidang.common import draining
from yidang.people.public import public, quiet


@public
@quiet("It says only whether the program takes questions.")
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this machine answers everything: 503 with a word while it ends, joins, or does not reach the database."""
    word = _obstacle()
    answer = HttpResponse(f"{word or 'ok'}\n", content_type="text/plain", status=503 if word else 200)
    vars(answer)["_has_been_logged"] = True  # Django would write an error for each look of the proxy
    return answer


def _obstacle() -> str:
    if draining.is_draining():
        return "ending"
    try:
        return "" if search.answers() else "the index of this machine is being built"
    except DatabaseError:
        return "the database does not answer"
