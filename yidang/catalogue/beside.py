"""What packages above the catalogue keep in a record's object beside its description, and make again from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from yidang.catalogue.models import Record
from yidang.common.actor import Actor

Told = list[dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """One list in ``record.json``, left out when it is empty.

    :param tell: what a record's object holds of it now
    :param make: makes the rows that the objects of some records tell of, or brings them up to that, and binds them to the
        log; the function finds the account of a name
    """

    name: str
    tell: Callable[[Record], Told]
    make: Callable[[Sequence[tuple[Record, Told]], Callable[[str], int], Actor], None]


PARTS: list[Part] = []


def lend(part: Part) -> None:
    """Have a part kept and made again."""
    PARTS.append(part)
