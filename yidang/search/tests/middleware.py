"""Says who asks, from a header that only these tests know."""

from yidang.common.actor import Actor


class ActorFromHeader:
    """Puts the actor of ``ActorFromHeader.actors`` that the header names on the request."""

    actors: dict[str, Actor] = {}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = self.actors.get(request.headers.get("X-Test-Actor", ""), Actor.anonymous())
        return self.get_response(request)
