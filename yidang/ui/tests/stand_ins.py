"""What other packages bring: who looks, and the entries of the rail."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yidang.common.actor import Actor
from yidang.ui.navigation import Item

LIN = Actor(kind="person", username="lin", display_name="林静", user_id=1, duties=frozenset({"archivist"}))


class ActorStandIn:
    """Everybody is Lin, except at the sign-in page and with ``?nobody``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nobody = "nobody" in request.GET or request.path == "/sign-in/"
        request.actor = Actor.anonymous("127.0.0.1") if nobody else LIN
        return self.get_response(request)


def items(actor: Actor) -> list[Item]:
    names = [
        ("工作台", "desk"),
        ("检索", "search"),
        ("归档", "file-plus"),
        ("收件", "inbox"),
        ("利用", "book"),
        ("库房", "books"),
        ("统计", "chart-bar"),
    ]
    addresses = ["/patterns/", "search", "filing", "/patterns/?a", "/patterns/?b", "/patterns/?c", "/patterns/?d"]
    return [
        Item(label, icon, address, count=8 if icon == "inbox" else 0)
        for (label, icon), address in zip(names, addresses, strict=True)
    ] + [
        Item("选件篮", "basket", "/patterns/?basket", count=3, place="bar"),
        Item("不存在", "x", "nowhere:at_all"),
        Item("不给看", "x", "search", visible=lambda actor: actor.has_duty("leader")),
    ]
