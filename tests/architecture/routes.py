"""Every address of the program, with made-up values in the places of its parameters."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

NOBODY = UUID("00000000-0000-4000-8000-000000000000")
VALUES = {"int": "1", "uuid": str(NOBODY), "str": "nothing", "slug": "nothing", "path": "nothing/here"}
_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Route:
    """One address: its pattern for people, a path that can be called, its name with its package, its view."""

    pattern: str
    path: str
    name: str
    view: Callable[..., Any]


def _walk(patterns: list, prefix: str, package: str) -> Iterator[Route]:
    for entry in patterns:
        text = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, text, entry.namespace or package)
        elif isinstance(entry, URLPattern):
            path = _PARAMETER.sub(lambda found: VALUES.get(found["kind"] or "str", "1"), text)
            yield Route(
                "/" + text, "/" + path.replace("^", "").replace("$", ""), f"{package}:{entry.name}", entry.callback
            )


def routes() -> list[Route]:
    """All of them, in the order of the URLconf; an address that two methods share stands once."""
    found = {route.pattern: route for route in _walk(get_resolver().url_patterns, "", "")}
    return sorted(found.values(), key=lambda route: route.pattern)
