"""Later work of the log. The package of jobs stands above this one; it lends its way of asking when it is loaded."""

from collections.abc import Callable
from typing import Any

CHECKPOINT, VERIFY = "audit.checkpoint", "audit.verify"
_asked: list[Callable[..., None]] = []


def lend(ask: Callable[..., None]) -> None:
    """Say how later work is asked for; the last one counts."""
    _asked[:] = [ask]


def later(name: str, *, key: str = "", **ids: Any) -> None:
    """Ask for work in the caller's transaction; without the package of jobs nothing is asked."""
    for ask in _asked:
        ask(name, key=key, **ids)
