"""Counts of what one may see, from the table of holdings: exact, and as quick at millions of records as at none."""

from collections import Counter
from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from yidang.catalogue.models import Holding, Record
from yidang.catalogue.models.records import RecordQuerySet
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
    return [clause for clause in reached.clauses if clause.patients is None and clause.record_ids is None]


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


def counts(reached: Reach, using: str = DEFAULT_DB_ALIAS) -> dict[tuple[int, int], int]:
    """How many records are within reach, by class and year."""
    admitted = _cells_q(reached)
    total: Counter[tuple[int, int]] = Counter()
    cells = Holding.objects.using(using).filter(admitted).values_list("record_class_id", "year")
    rows = cells.annotate(number=Sum("count")).order_by()
    for class_id, year, number in rows:
        total[class_id, year] += number
    living = Record.objects.using(using).exclude(state=Record.WITHDRAWN)
    # Nobody's own file is within reach, whatever its cell.
    owners = {clause.not_owner for clause in reached.clauses if clause.not_owner is not None}
    if owners:
        total.subtract(_by_class_and_year(living.filter(admitted, owner_id__in=owners)))
    singly = [clause for clause in reached.clauses if clause.patients is not None or clause.record_ids is not None]
    if singly:
        one_by_one = Q(pk__in=[])
        for clause in singly:
            one_by_one |= clause.as_q()
        total.update(_by_class_and_year(living.filter(one_by_one).exclude(admitted)))
    return {key: number for key, number in total.items() if number > 0}


def _by_class_and_year(records: RecordQuerySet) -> dict[tuple[int, int], int]:
    rows = records.values_list("record_class_id", "year").annotate(number=Count("pk")).order_by()
    return {(class_id, year): number for class_id, year, number in rows}
