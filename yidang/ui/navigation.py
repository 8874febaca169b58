"""The rail and the bar's tools: gathered from the callables that the settings name, for the person who looks."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from yidang.common.actor import Actor

log = logging.getLogger(__name__)
DESK_MOST, PHONE_MOST = 12, 4


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
    """What the template shows: in the rail itself, on a desk's screen and on a phone's, or under «more»."""

    label: str
    icon: str
    href: str
    count: int
    current: bool
    place: str
    desk: bool = True
    phone: bool = False


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
        if href and (item.visible is None or _asked(item, item.visible, actor)):
            shown.append((item, href))
    fitting = [(item.match or href) for item, href in shown if _fits(path, item.match or href)]
    current = max(fitting, key=len, default=None)
    return [
        Entry(
            label=str(item.label),
            icon=item.icon,
            href=href,
            count=int((_asked(item, item.count, actor) if callable(item.count) else item.count) or 0),
            current=current is not None and (item.match or href) == current,
            place=item.place,
        )
        for item, href in shown
    ]


def _asked(item: Item, question: Callable[[Actor], Any], actor: Actor) -> Any:
    """What an entry's package answers; one that is broken must not take every other page with it."""
    try:
        return question(actor)
    except Exception:
        log.exception("rail entry «%s» cannot be asked", item.url)
        return None


def rail(shown: Iterable[Entry]) -> list[Entry]:
    """The entries of the rail; a long rail keeps its first ones and the current one, a phone those where work waits."""
    entries = [entry for entry in shown if entry.place == "rail"]
    most = len(entries) if len(entries) <= DESK_MOST + 1 else DESK_MOST
    phone = entries if len(entries) <= PHONE_MOST + 1 else [
        *sorted(entries[2:], key=lambda entry: not entry.count)[: PHONE_MOST - 2], *entries[:2]
    ]  # fmt: skip
    return [replace(entry, desk=at < most or entry.current, phone=entry in phone) for at, entry in enumerate(entries)]


def more_of(entries: Iterable[Entry]) -> str:
    """Where something stands under «more»: on a phone, on every screen, or nowhere."""
    shown = list(entries)
    if not all(entry.desk for entry in shown):
        return "everywhere"
    return "" if all(entry.phone for entry in shown) else "phone"


def _fits(path: str, prefix: str) -> bool:
    return path == prefix or (prefix != "/" and path.startswith(prefix.rstrip("/") + "/"))
