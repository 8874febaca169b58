"""What a package that asks for signatures says at start: what follows the last signature, in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yidang.approval.models import Case
from yidang.common.actor import Actor
from yidang.common.errors import WrongState


def _cannot_go_back(_case: Case, _now: datetime) -> None:
    raise WrongState(_("This was carried out with the signature and cannot be taken back."), code="followed")


@dataclass(frozen=True)
class Subject:
    """A kind of thing that is decided.

    :param approved: called once, inside the transaction of the last signature; what it raises undoes the signature
    :param ended: called when a case ends without approval (refused, returned, withdrawn), inside that transaction
    :param check: looks at what a signer took out, before it is signed; raises what is wrong with it
    :param template: draws the middle of the decision screen from what ``shown`` gives for a case
    :param labels: what the kind is called, in both languages
    :param facts: names and choices of facts that conditions of a route may ask: ``{"purposes": {"care": "Treatment"}}``
    :param narrow: reads the fields that ``template`` adds to the decision form into what the signer narrows
    :param numbers: facts that are numbers, with their words, for conditions «from … on»
    :param optional: without a route the deed needs no signatures; its package asks :func:`yidang.approval.routing.route_if_any`
    :param undone: called when the last signature is taken back within minutes, inside that transaction; raises
        ``WrongState`` where something has followed
    :param default_routes: the routes that are laid down when a kind is used for the first time
    """

    kind: str
    approved: Callable[[Case, Actor, datetime], None]
    ended: Callable[[Case], None] = lambda _case: None
    check: Callable[[Case, Mapping[str, Any]], None] = lambda _case, _narrowed: None
    template: str = "approval/_facts.html"
    shown: Callable[[Case, Actor, datetime], dict[str, Any]] = lambda _case, _actor, _now: {}
    labels: Mapping[str, str] | None = None
    facts: Callable[[], Mapping[str, Mapping[str, Any]]] = dict
    default_routes: Sequence[Mapping[str, Any]] = ()
    narrow: Callable[[Case, Mapping[str, str]], dict[str, Any]] = lambda _case, _posted: {}
    numbers: Mapping[str, Any] = field(default_factory=dict)
    undone: Callable[[Case, datetime], None] = _cannot_go_back
    optional: bool = False


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Called once a kind, when the using package is loaded."""
    _subjects[subject.kind] = subject


def subject_of(kind: str) -> Subject:
    """The kind's registration; an unregistered kind is a programming fault and raises ``KeyError``."""
    return _subjects[kind]


def kinds() -> list[Subject]:
    """All registered kinds."""
    return list(_subjects.values())


def registered(kind: str) -> Subject | None:
    """The kind's registration, or nothing."""
    return _subjects.get(kind)
