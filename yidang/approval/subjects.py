"""What a package that asks for signatures says at start: what follows the last signature, in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yidang.approval.models import Case
from yidang.common.actor import Actor


@dataclass(frozen=True)
class Subject:
    """A kind of thing that is decided.

    :param approved: called once, inside the transaction of the last signature; what it raises undoes the signature
    """

    kind: str
    approved: Callable[[Case, Actor, datetime], None]


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Called once a kind, when the using package is loaded."""
    _subjects[subject.kind] = subject


def subject_of(kind: str) -> Subject:
    """The kind's registration; an unregistered kind is a programming fault and raises ``KeyError``."""
    return _subjects[kind]
