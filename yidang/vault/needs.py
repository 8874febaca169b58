"""Whose records have fewer good copies than they need. The vault knows no classes: who does lends the answer."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Short:
    """A class of records of which at least one has too few good copies.

    :param label: its name in the reader's language
    :param good: good copies of the record that has fewest
    :param late: whether that has lasted longer than copies take to follow
    """

    code: str
    label: str
    needed: int
    good: int
    late: bool


_lenders: list[Callable[[], list[Short]]] = []


def lend(ask: Callable[[], list[Short]]) -> None:
    """Answer for the classes."""
    _lenders.append(ask)


def short() -> list[Short]:
    """The classes whose records have fewer good copies than they need, in the order of their codes."""
    return [one for ask in _lenders for one in ask()]
