"""The rail and the bar's tools: gathered from the callables that the settings name, for the person who looks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from yidang.common.actor import Actor


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the rail (``place="rail"``) or of the bar (``place="bar"``).

    :param url: name of a URL pattern, or a path that begins with ``/``; an entry whose address does not resolve is left out
    :param count: how many wait, or a callable that takes the actor; 0 and None show nothing
    :param visible: asked with the actor; None for everybody who is signed in
    :param match: path prefix under which the entry is the current one; its own address by default
    """

    label: Any
    icon: str
    url: str
    count: int | Callable[[Actor], int | None] | None = None
    visible: Callable[[Actor], bool] | None = None
    match: str = ""
    place: str = "rail"
    args: tuple[Any, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Entry:
    """What the template shows."""

    label: str
    icon: str
    href: str
    count: int
    current: bool
    place: str


def _address(item: Item) -> str:
    if item.url.startswith("/"):
        return item.url
    try:
        return reverse(item.url, args=item.args)
    except NoReverseMatch:
        return ""  # the package that serves it is not installed: no dead link


def _items(actor: Actor) -> Iterable[Item]:
    for dotted in getattr(settings, "YIDANG_NAVIGATION", ()):
        try:
            provider = import_string(dotted)
        except ModuleNotFoundError as missing:
            if missing.name and dotted.startswith(missing.name):
                continue  # a package of the full installation that is absent here
            raise
        yield from provider(actor)


def entries(actor: Actor, path: str) -> list[Entry]:
    """The entries for this actor, the one whose prefix fits the path longest marked as current."""
    if not actor.is_signed_in:
        return []
    shown = []
    for item in _items(actor):
        href = _address(item)
        if href and (item.visible is None or item.visible(actor)):
            shown.append((item, href))
    fitting = [(item.match or href) for item, href in shown if _fits(path, item.match or href)]
    current = max(fitting, key=len, default=None)
    return [
        Entry(
            label=str(item.label),
            icon=item.icon,
            href=href,
            count=int((item.count(actor) if callable(item.count) else item.count) or 0),
            current=current is not None and (item.match or href) == current,
            place=item.place,
        )
        for item, href in shown
    ]


def _fits(path: str, prefix: str) -> bool:
    return path == prefix or (prefix != "/" and path.startswith(prefix.rstrip("/") + "/"))
