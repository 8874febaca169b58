"""What an actor reaches, as a question to the index: the same clauses that filter rows in the database."""

from collections.abc import Sequence
from dataclasses import replace

from tantivy import Occur, Query

from yidang.permissions.reach import TOP_LEVEL, ClassFacts, Clause, Reach
from yidang.search import schema as s

MOST_AREAS = 20_000


def one_of(field: str, values: Sequence[int] | Sequence[str]) -> Query:
    """Entries whose field has one of the values."""
    if len(values) == 1:
        return Query.term_query(s.schema(), field, values[0])
    return Query.term_set_query(s.schema(), field, list(values))


Conditions = list[tuple[Occur, Query]]


def reached(reach: Reach, classes: Sequence[ClassFacts]) -> Conditions:
    """Conditions of the entries within a reach, without weight in the order of hits; none when it has no border at all.

    What is left out stands as what must not be, which costs as much as is left out; all that may be costs as much as there is.
    """
    if reach.is_empty:
        return [(Occur.Must, Query.empty_query())]
    groups: dict[tuple[frozenset[int], frozenset[str]], list[Clause]] = {}
    for clause in reach.clauses:
        groups.setdefault((clause.not_records, clause.not_patients), []).append(clause)
    every = frozenset(facts.id for facts in classes)
    ways = [[*_together(clauses, every), *without(*left_out)] for left_out, clauses in groups.items()]
    if len(ways) == 1:
        return ways[0]
    return [] if [] in ways else [(Occur.Must, _unweighed(_either([_all(way) for way in ways])))]


def within(see: Reach, view: Reach, classes: Sequence[ClassFacts]) -> Conditions:
    """Conditions that hold, of the entries that are seen, for those that may be viewed: often a few frozen ones are not."""
    bare = {replace(clause, not_records=frozenset(), not_patients=frozenset()) for clause in view.clauses}
    left_out = {(clause.not_records, clause.not_patients) for clause in view.clauses}
    alike = {replace(clause, reason="") for clause in bare} == {replace(clause, reason="") for clause in see.clauses}
    return without(*left_out.pop()) if alike and len(left_out) == 1 else reached(view, classes)


def without(records: frozenset[int], patients: frozenset[str]) -> Conditions:
    """Without the records whose access is frozen."""
    out = [(Occur.MustNot, one_of(s.ID, sorted(records)))] if records else []
    return [*out, (Occur.MustNot, one_of(s.PATIENT, sorted(patients)))] if patients else out


def _together(clauses: Sequence[Clause], every: frozenset[int]) -> Conditions:
    """Clauses that leave the same records out."""
    shared = {clause.not_owner for clause in clauses}
    barred = shared.pop() if len(shared) == 1 else None
    own = [] if barred is None else [(Occur.MustNot, Query.term_query(s.schema(), s.OWNER, barred))]
    areas: set[int] = set()
    ways: list[Query] = []
    for clause in clauses:
        covered = _areas(clause, every, barred)
        if covered is not None:
            areas |= covered
            continue
        way = _clause(clause, every, barred)
        if way is None:
            return own
        ways.append(way)
    everywhere = {s.area(one, level) for one in every for level in range(TOP_LEVEL + 1)}
    missing = everywhere - areas
    if not ways and len(missing) * 2 < len(everywhere) and all(s.whole(one) in areas for one in areas):
        return [(Occur.MustNot, one_of(s.AREA, sorted(missing))), *own]
    if areas:
        ways.append(one_of(s.AREA, sorted(areas)))
    return [(Occur.Must, _unweighed(_either(ways))), *own]


def _unweighed(way: Query) -> Query:
    return Query.const_score_query(way, 0.0)


def _all(conditions: Conditions) -> Query:
    if any(occur == Occur.Must for occur, _query in conditions):
        return Query.boolean_query(conditions)
    return Query.boolean_query([(Occur.Must, Query.all_query()), *conditions])


def _either(ways: Sequence[Query]) -> Query:
    if not ways:
        return Query.empty_query()
    return ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, way) for way in ways])


def _areas(clause: Clause, every: frozenset[int], barred: int | None) -> set[int] | None:
    """The areas that a clause admits; None when it asks for more than class, level and department, or for all classes."""
    if (
        clause.class_ids is None
        or clause.record_ids is not None
        or clause.patients is not None
        or clause.not_owner != barred
    ):
        return None
    departments = [0] if clause.department_ids is None else sorted(clause.department_ids)
    if departments == [0] and clause.class_ids >= every and clause.max_level >= TOP_LEVEL:
        return None
    levels = range(clause.max_level + 1)
    if len(departments) * len(clause.class_ids) * len(levels) > MOST_AREAS:
        return None
    return {
        s.area(one, level, department) for department in departments for one in clause.class_ids for level in levels
    }


def _clause(clause: Clause, every: frozenset[int], barred: int | None) -> Query | None:
    """One way; None when it admits every entry (apart from what is barred for all ways)."""
    conditions: list[Query] = []
    if clause.admits_nothing:
        return Query.empty_query()
    if clause.record_ids is not None:
        conditions.append(one_of(s.ID, sorted(clause.record_ids)))
    if clause.patients is not None:
        conditions.append(one_of(s.PATIENT, sorted(clause.patients)))
    if clause.department_ids is not None:
        conditions.append(one_of(s.DEPARTMENT, sorted(clause.department_ids)))
    if clause.class_ids is not None and not clause.class_ids >= every:
        conditions.append(one_of(s.CLASS, sorted(clause.class_ids)))
    if clause.max_level < TOP_LEVEL:
        conditions.append(one_of(s.LEVEL, list(range(clause.max_level + 1))))
    own = None
    if clause.not_owner is not None and clause.not_owner != barred:
        own = Query.term_query(s.schema(), s.OWNER, clause.not_owner)
    if own is None:
        if len(conditions) < 2:
            return conditions[0] if conditions else None
        return Query.boolean_query([(Occur.Must, one) for one in conditions])
    return Query.boolean_query(
        [*((Occur.Must, one) for one in conditions or [Query.all_query()]), (Occur.MustNot, own)]
    )
