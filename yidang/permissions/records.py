"""How this package asks for records, which live above it: the catalogue says at start how they are found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from yidang.permissions.reach import ClassFacts


@dataclass(frozen=True)
class RecordSource:
    """What the catalogue lends: a record by public id or code, the facts of all classes, public ids of internal ones."""

    find: Callable[[str], Any | None]
    class_facts: Callable[[], Sequence[ClassFacts]]
    public_ids: Callable[[Iterable[int]], dict[int, str]]


_source: list[RecordSource] = []


def lend_records(source: RecordSource) -> None:
    """Called once, when the catalogue is loaded."""
    _source[:] = [source]


def source() -> RecordSource:
    """The catalogue's side; without a catalogue there are no records."""
    return _source[0] if _source else RecordSource(lambda _name: None, list, lambda _ids: {})


def public_ids(record_ids: Iterable[int]) -> dict[int, str]:
    """The public ids of records."""
    return source().public_ids(record_ids)
