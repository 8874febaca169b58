"""Questions about the catalogue: lists of records, the tree of classes with what one may see in it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from yidang.catalogue.models import Record, RecordClass
from yidang.catalogue.models.records import RecordQuerySet
from yidang.catalogue.numbers import normalise_code
from yidang.common.actor import Actor


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a list of records is narrowed to; empty fields are not asked. A class stands for its whole branch."""

    record_class: str = ""
    fonds: str = ""
    year: int | None = None
    code: str = ""
    state: str = ""
    department: str = ""
    updated_since: datetime | None = None
    volume: UUID | None = None

    def as_q(self) -> Q:
        """The filter on records."""
        q = Q()
        if self.record_class:
            q &= Q(record_class_id__in=branch_ids(self.record_class))
        if self.fonds:
            q &= Q(fonds__code=self.fonds)
        if self.year is not None:
            q &= Q(year=self.year)
        if self.code:
            q &= _code_begins(normalise_code(self.code)) | Q(accession_number=self.code)
        if self.state:
            q &= Q(state=self.state)
        if self.department:
            q &= Q(department__key=self.department)
        if self.updated_since is not None:
            q &= Q(updated_at__gte=self.updated_since)
        if self.volume is not None:
            q &= Q(volume__public_id=self.volume)
        return q


def _code_begins(text: str) -> Q:
    """Codes that begin with a text. SQLite's LIKE uses no index here, a range does; PostgreSQL's order depends on its locale."""
    if connection.vendor == "sqlite":
        return Q(code__gte=text, code__lt=text + "\U0010ffff")
    return Q(code__startswith=text)


def branch_ids(code: str) -> list[int]:
    """The class of this code and all below it."""
    return list(RecordClass.objects.filter(Q(code=code) | Q(code__startswith=f"{code}·")).values_list("id", flat=True))


def records_visible_to(actor: Actor, wanted: RecordFilter) -> RecordQuerySet:
    """The records that the actor sees, narrowed, with what a list shows of them."""
    return narrowed(Record.objects.visible_to(actor), wanted)


def narrowed(visible: RecordQuerySet, wanted: RecordFilter) -> RecordQuerySet:
    """What a list shows of these records; several questions of one page share the reach that was worked out once."""
    return visible.filter(wanted.as_q()).select_related("record_class", "department", "fonds")


@dataclass
class Branch:
    """A class in the tree, with how many records of it and below it the reader sees."""

    record_class: RecordClass
    count: int = 0
    children: list["Branch"] = field(default_factory=list)


def tree_of(visible: RecordQuerySet) -> list[Branch]:
    """The tree of classes with how many of these records stand in each."""
    counts = dict(visible.values_list("record_class_id").annotate(number=Count("id")).order_by())
    below: dict[int | None, list[RecordClass]] = defaultdict(list)
    for item in RecordClass.objects.filter(is_active=True).select_related("fonds", "scheme"):
        below[item.parent_id].append(item)

    def branch(item: RecordClass) -> Branch:
        children = [branch(child) for child in below[item.pk]]
        return Branch(item, counts.get(item.pk, 0) + sum(child.count for child in children), children)

    return [branch(item) for item in below[None]]


def years_of(visible: RecordQuerySet, code: str) -> list[int]:
    """The years of which some of these records stand in a branch, the newest first."""
    inside = visible.filter(record_class_id__in=branch_ids(code))
    return list(inside.order_by("-year").values_list("year", flat=True).distinct()[:60])
