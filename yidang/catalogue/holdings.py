"""Counts of what one may see, from the table of holdings: exact, and as quick at millions of records as at none."""

from collections import Counter
from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from yidang.catalogue.models import Holding, Record
from yidang.catalogue.models.records import RecordQuerySet
from yidang.common import prepared
from yidang.permissions.reach import TOP_LEVEL, Clause, Reach

_CELL = ("record_class_id", "department_id", "level", "year")
Cell = tuple[int, int, int, int]


def count(records: Iterable[Record], *, by: int = 1) -> None:
    """Add records to the holdings, or with ``by=-1`` take them away, in the transaction that inserts or withdraws them."""
    cells = Counter((row.record_class_id, row.department_id or 0, row.level, row.year) for row in records)
    # In one order for every writer, so that two groups never wait for each other's rows.
    for cell, number in sorted(cells.items()):
        where = dict(zip(_CELL, cell, strict=True))
        step = {"count": F("count") + number * by}
        if not Holding.objects.filter(**where).update(**step):
            Holding.objects.bulk_create([Holding(**where)], ignore_conflicts=True)
            Holding.objects.filter(**where).update(**step)


def recount() -> int:
    """Count everything afresh, inside the caller's transaction; how many cells there are."""
    rows = (
        Record.objects.exclude(state=Record.WITHDRAWN)
        .order_by()
        .values_list("record_class_id", Coalesce("department_id", 0), "level", "year")
        .annotate(number=Count("pk"))
    )
    cells = [Holding(**dict(zip(_CELL, row[:4], strict=True)), count=row[4]) for row in rows]
    Holding.objects.all().delete()
    Holding.objects.bulk_create(cells, batch_size=500)
    return len(cells)


def _whole_cells(reached: Reach) -> list[Clause]:
    """The clauses that admit or refuse a cell as a whole."""
    return [clause for clause in reached.clauses if not clause.is_single]


def _cells_q(reached: Reach) -> Q:
    """The cells that the reach admits; the same names stand on records."""
    q = Q(pk__in=[])
    for clause in _whole_cells(reached):
        part = Q()
        if clause.class_ids is not None:
            part &= Q(record_class_id__in=clause.class_ids)
        if clause.department_ids is not None:
            part &= Q(department_id__in=clause.department_ids)
        if clause.max_level < TOP_LEVEL:
            part &= Q(level__lte=clause.max_level)
        q |= part
    return q


def counts(
    reached: Reach, using: str = DEFAULT_DB_ALIAS, *, inside: frozenset[int] | None = None
) -> dict[tuple[int, int], int]:
    """How many records are within reach, by class and year.

    :param inside: only of these classes
    """
    shape, values = reached.shape, reached.values
    total: Counter[tuple[int, int]] = Counter()
    for class_id, year, number in prepared.rows(
        ("holdings.cells", shape, inside), lambda: _cells(shape, inside), using
    ):
        total[class_id, year] += int(number)
    me = {name: value for name, value in values.items() if name == "me"}
    if me and _whole_cells(reached) and _has_own(using, **me):  # nobody's own file is within reach, whatever its cell
        own = prepared.rows(("holdings.own", shape, inside), lambda me: _own(shape, me, inside), using, **me)
        total.subtract({(class_id, year): number for class_id, year, number in own})
    if any(clause.is_single for clause in reached.clauses):
        single = prepared.rows(
            ("holdings.single", shape, inside),
            lambda **given: _one_by_one(shape.asked_with(**given), inside),
            using,
            **values,
        )  # fmt: skip
        total.update({(class_id, year): number for class_id, year, number in single})
    return {key: number for key, number in total.items() if number > 0}


def _cells(reached: Reach, inside: frozenset[int] | None) -> QuerySet[Holding, tuple[int, int, int]]:
    rows = Holding.objects.filter(_cells_q(reached), _of(inside)).values_list("record_class_id", "year")
    return rows.annotate(number=Sum("count")).order_by()


def _has_own(using: str, me: int) -> bool:
    """Whether there is a file of this person at all; beside a condition on the class SQLite would walk the whole class for it."""
    asked = prepared.rows(
        "holdings.has_own", lambda me: Record.objects.filter(owner_id=me).values_list("pk")[:1], using, me=me
    )
    return bool(list(asked))


def _own(reached: Reach, me: int, inside: frozenset[int] | None) -> QuerySet[Record, tuple[int, int, int]]:
    return _by_class_and_year(_living().filter(_cells_q(reached), _of(inside), owner_id=me))


def _one_by_one(reached: Reach, inside: frozenset[int] | None) -> QuerySet[Record, tuple[int, int, int]]:
    """Records that are reached by themselves or by their patient, and not by their cell as well."""
    singly = Q(pk__in=[])
    for clause in reached.clauses:
        if clause.is_single:
            singly |= clause.as_q()
    return _by_class_and_year(_living().filter(singly, _of(inside)).exclude(_cells_q(reached)))


def _of(inside: frozenset[int] | None) -> Q:
    return Q() if inside is None else Q(record_class_id__in=inside)


def _living() -> RecordQuerySet:
    return Record.objects.exclude(state=Record.WITHDRAWN)


def _by_class_and_year(records: RecordQuerySet) -> QuerySet[Record, tuple[int, int, int]]:
    return records.values_list("record_class_id", "year").annotate(number=Count("pk")).order_by()
