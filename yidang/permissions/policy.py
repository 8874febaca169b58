"""Questions about one record, for packages that know records; each takes the record's row and the facts of the classes.

The answer comes from the clauses of :mod:`yidang.permissions.reach`, asked of the database, so that a single check and
a list can never disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, NotFound
from yidang.permissions.freezing import is_frozen
from yidang.permissions.limits import admits_address
from yidang.permissions.reach import LOOKING, SEE, ClassFacts, Clause, Reach, live_grants, reach


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an actor may or may not do something with a record.

    :param allowed: the answer
    :param reason: the rule that said yes, or what said no: ``not_visible``, ``not_allowed``, ``administrator``,
        ``own_file``, ``no_account``, ``frozen``, ``elsewhere``, ``some_pages``
    :param details: numbers that go with the reason, such as the grant
    """

    action: str
    allowed: bool
    reason: str
    tried: tuple[str, ...]


def clause_for(
    actor: Actor,
    action: str,
    record: Any,
    classes: Sequence[ClassFacts],
    *,
    now: datetime | None = None,
    parts: bool = False,
) -> Clause | None:
    """The first clause that admits the actor to the record for the action.

    :param parts: as of :func:`yidang.permissions.reach.reach`
    """
    return first_clause(reach(actor, action, classes, now=now, parts=parts), record)


def clauses_for(
    actor: Actor, action: str, record: Any, classes: Sequence[ClassFacts], *, now: datetime | None = None
) -> list[Clause]:
    """Every clause that admits the actor to the record for the action."""
    return [clause for clause in reach(actor, action, classes, now=now).clauses if admits(clause, record)]


def first_clause(reached: Reach, record: Any) -> Clause | None:
    """The first clause of a reach that admits a record."""
    return next((clause for clause in reached.clauses if admits(clause, record)), None)


def admits(clause: Clause, record: Any) -> bool:
    """Whether a clause admits a record; the same conditions as ``Clause.as_q``, asked of one row."""
    conditions = (
        (clause.class_ids, record.record_class_id),
        (clause.department_ids, record.department_id),
        (clause.patients, record.patient_number),
        (clause.record_ids, record.pk),
    )
    if any(condition is not None and value not in condition for condition, value in conditions):
        return False
    if record.level > clause.max_level:
        return False
    if record.pk in clause.not_records or record.patient_number in clause.not_patients:
        return False
    return clause.not_owner is None or record.owner_id != clause.not_owner


def require(
    actor: Actor, action: str, record: Any, classes: Sequence[ClassFacts], *, now: datetime | None = None
) -> Clause:
    """The clause that allows the action.

    :raises NotFound: the actor does not see the record
    :raises NotAllowed: the actor sees the record's entry but may not do this
    """
    clause = clause_for(actor, action, record, classes, now=now)
    if clause is not None:
        return clause
    if action == SEE or clause_for(actor, SEE, record, classes, now=now) is None:
        raise NotFound()
    raise NotAllowed()


def narrowed_by(actor: Actor, action: str, record: Any, now: datetime) -> str:
    """Why a live grant of the actor does not open the whole record here: another terminal, or single pages only."""
    mine = live_grants(actor.user_id or 0, action, now, record_id=record.pk)
    if any(one.pages and admits_address(one.address, actor.address) for one in mine):
        return "some_pages"
    return "elsewhere" if mine else ""


def explain(
    actor: Actor, action: str, record: Any, classes: Sequence[ClassFacts], *, now: datetime | None = None
) -> Explanation:
    """Why the answer is yes or no, by the rule's name."""
    reached = reach(actor, action, classes, now=now)
    tried = tuple(dict.fromkeys(clause.reason for clause in reached.clauses))
    clause = first_clause(reached, record)
    if clause is not None:
        return Explanation(action, True, clause.reason, tried)
    if actor.user_id is None:
        reason = "no_account"
    elif actor.is_administrator:
        reason = "administrator"
    elif record.owner_id is not None and record.owner_id == actor.user_id:
        reason = "own_file"
    elif action in LOOKING and is_frozen(record):
        # Only who sees the entry is told of a freeze.
        reason = "frozen" if clause_for(actor, SEE, record, classes, now=now) is not None else "not_visible"
    elif action in LOOKING and (narrow := narrowed_by(actor, action, record, now or clock.now())):
        reason = narrow
    elif action != SEE and clause_for(actor, SEE, record, classes, now=now) is not None:
        reason = "not_allowed"
    else:
        reason = "not_visible"
    return Explanation(action, False, reason, tried)
