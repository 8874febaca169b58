"""Questions about the catalogue: lists of records, the tree of classes with what one may see in it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Q
from django.db.models.functions import Left
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from yidang.catalogue import holdings
from yidang.catalogue.models import Record, RecordClass
from yidang.catalogue.models.records import RecordQuerySet, among, class_facts
from yidang.catalogue.numbers import normalise_code
from yidang.common.actor import Actor
from yidang.common.db import replica
from yidang.common.errors import NotFound
from yidang.permissions.reach import SEE, Clause, Reach, reach
from yidang.ui.paging import Page, Strands

T = TypeVar("T")
# So many parts at most are read one by one; beyond, the departments of a class are read together.
MOST_STRANDS = 200
# So many records of a code, or changed since a moment, are looked at one by one.
FEW = 20_000


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

    def as_q(self, branch: Iterable[int] | None = None) -> Q:
        """The filter on records; ``branch`` are the classes that ``record_class`` stands for, if the caller knows them."""
        q = Q()
        if self.record_class:
            q &= Q(record_class_id__in=branch_ids(self.record_class) if branch is None else branch)
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


def chosen_records(named: Sequence[str], *, class_code: str = "", year: int | None = None) -> RecordQuerySet:
    """Records that an operator named by id or archival code, or a branch and a year; whoever asks may have all of them.

    :raises NoSuchRecord: a name is neither
    """
    records = Record.objects.filter(RecordFilter(record_class=class_code, year=year).as_q())
    if not named:
        return records
    wanted: set[int] = set()
    for name in named:
        by_id = Q(public_id=UUID(name)) if _is_id(name) else Q(code=normalise_code(name)) | Q(accession_number=name)
        found = set(Record.objects.filter(by_id).values_list("pk", flat=True))
        if not found:
            raise NoSuchRecord(name)
        wanted |= found
    return records.filter(pk__in=wanted)


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


class NoSuchRecord(NotFound):
    """An operator named a record that is not there."""

    code = "catalogue.no_such_record"
    default_remedy = _("Give the record's archival code, accession number or id.")

    def __init__(self, name: str) -> None:
        super().__init__(_("No record is called «%(name)s».") % {"name": name}, field="record")


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
    return _listing(Record.objects.visible_to(actor).filter(wanted.as_q()))


def _listing(records: RecordQuerySet) -> RecordQuerySet:
    return records.select_related("record_class", "department", "fonds")


class Visible:
    """What one actor sees, with the reach worked out once for all the questions of one page."""

    def __init__(self, actor: Actor) -> None:
        self._classes = class_facts()
        self.reach = reach(actor, SEE, self._classes, named=False)
        self._of_branch: dict[str, dict[tuple[int, int], int]] = {}

    @cached_property
    def all(self) -> RecordQuerySet:
        """All records within reach."""
        return Record.objects.reached_by(self.reach)

    def records(self, wanted: RecordFilter) -> RecordQuerySet:
        """The records within reach, narrowed, with what a list shows of them."""
        return _listing(self.all.filter(wanted.as_q(self._branch(wanted.record_class))))

    def _branch(self, code: str) -> set[int]:
        """The classes of a branch; of the whole tree when none is named."""
        return {
            facts.id for facts in self._classes if not code or facts.code == code or facts.code.startswith(f"{code}·")
        }

    @cached_property
    def counts(self) -> dict[tuple[int, int], int]:
        """How many records are within reach, by class and year."""
        return self._ask(lambda using: holdings.counts(self.reach, using))[0]

    def page(self, rows: RecordQuerySet, read: Callable[[RecordQuerySet], Page]) -> Page:
        """One page of a list of records within reach, read by ``read``; from the replica where one is near.

        Which rows the page has may then be some seconds old. What they say, and whether they are still within reach, is
        asked of the database itself.
        """
        found, from_copy = self._ask(lambda using: read(rows.using(using)))
        if not from_copy:
            return found
        present = {row.pk: row for row in _listing(self.all.filter(pk__in=[row.pk for row in found.items]))}
        return replace(found, items=[present[row.pk] for row in found.items if row.pk in present])

    def _ask(self, question: Callable[[str], T]) -> tuple[T, bool]:
        """A question within reach; where grants are a part of it, only the database itself knows the present ones."""
        if any(clause.granted is not None for clause in self.reach.clauses):
            return question(DEFAULT_DB_ALIAS), False
        return replica.ask(question)

    def _counts_in(self, code: str) -> dict[tuple[int, int], int]:
        """The same of one branch."""
        if not code:
            return self.counts
        if code not in self._of_branch:
            inside = frozenset(self._branch(code))
            self._of_branch[code] = self._ask(lambda using: holdings.counts(self.reach, using, inside=inside))[0]
        return self._of_branch[code]

    def number_of(self, wanted: RecordFilter) -> int:
        """How many records of a class's branch and a year are within reach; the other filters are not asked."""
        counts = self._counts_in(wanted.record_class)
        return sum(number for (_class_id, year), number in counts.items() if wanted.year in (None, year))

    def years(self, code: str) -> list[int]:
        """The years of which records of a branch are within reach, the newest first."""
        return sorted({year for _class_id, year in self._counts_in(code)}, reverse=True)

    def listed(self, wanted: RecordFilter) -> tuple[RecordQuerySet, Strands | None]:
        """What :func:`yidang.ui.paging.page` reads the records of a list from, in the order of arrival."""
        if wanted.code or wanted.updated_since:
            narrow = self._narrowed(wanted)
            if narrow is not None:
                return narrow, None
        strands = self.strands(wanted)
        # The strands ask for permission and filters; asked again of the whole, they would cost it the right index.
        return (_listing(Record.objects.all()) if strands else self.records(wanted)), strands

    def _narrowed(self, wanted: RecordFilter) -> RecordQuerySet | None:
        """The records of a code, or changed since a moment, each asked whether it is within reach; None where those are too many.

        The rule of reach names classes, of which a database without statistics prefers the index: it would look at a
        million records for one code.
        """
        first = RecordFilter(code=wanted.code) if wanted.code else RecordFilter(updated_since=wanted.updated_since)
        few = Record.objects.filter(first.as_q()).order_by().values("pk")[: FEW + 1]
        if few.count() <= FEW:
            narrow: Q | Exact = Q(pk__in=few)
        elif wanted.code:
            # A code that very many begin with narrows little: the newest are looked at until a page is full.
            text = normalise_code(wanted.code)
            narrow = Exact(Left("code", len(text)), text)
        else:
            return None
        return _listing(Record.objects.filter(narrow, among(self.records(wanted), "pk")))

    def strands(self, wanted: RecordFilter) -> Strands | None:
        """Record sets that together are the list, each in the order of arrival by an index of its own.

        A list over many classes has no index that both narrows and orders it; each class, or each class of one
        department, has. Nothing where other filters narrow better.
        """
        if wanted.code or wanted.volume or wanted.state == Record.RECEIVED:
            return None
        inside = tuple(sorted(self._branch(wanted.record_class)))
        shape = self.reach.shape
        number = sum(len(_parts_of(clause, inside)) for clause in shape.clauses)
        if not 0 < number <= 2 * MOST_STRANDS:  # SQLite joins 500 at most
            return None
        return Strands(
            ("catalogue.records", shape, wanted, inside),
            lambda **given: _strands(shape.asked_with(**given), wanted, inside), self.reach.values,
        )  # fmt: skip


def _strands(reached: Reach, wanted: RecordFilter, inside: Sequence[int]) -> list[RecordQuerySet]:
    asked = wanted.as_q(inside)
    return [
        Record.objects.filter(strand, asked).exclude(state=Record.WITHDRAWN)
        for clause in reached.clauses
        for strand in _strands_of(clause, inside)
    ]


def _parts_of(clause: Clause, inside: Sequence[int]) -> list[tuple[int, int]]:
    """Class and department of each strand of a clause; nought where it is not parted by them."""
    if clause.is_single:
        return [(0, 0)]
    classes = [class_id for class_id in inside if clause.class_ids is None or class_id in clause.class_ids]
    departments = clause.department_ids
    if departments is None or len(classes) * len(departments) > MOST_STRANDS:
        return [(class_id, 0) for class_id in classes]
    return [(class_id, department_id) for class_id in classes for department_id in sorted(departments)]


def _strands_of(clause: Clause, inside: Sequence[int]) -> Iterator[Q]:
    for class_id, department_id in _parts_of(clause, inside):
        if department_id:
            rest = replace(clause, class_ids=None, department_ids=None).as_q()
            yield rest & Q(record_class_id=class_id, department_id=department_id)
        else:
            yield replace(clause, class_ids=None).as_q() & Q(record_class_id=class_id) if class_id else clause.as_q()


@dataclass
class Branch:
    """A class in the tree, with how many records of it and below it the reader sees."""

    record_class: RecordClass
    count: int = 0
    children: list["Branch"] = field(default_factory=list)


def tree_of(visible: Visible) -> list[Branch]:
    """The tree of classes with how many records within reach stand in each."""
    counts: Counter[int] = Counter()
    for (class_id, _year), number in visible.counts.items():
        counts[class_id] += number
    below: dict[int | None, list[RecordClass]] = defaultdict(list)
    for item in RecordClass.objects.filter(is_active=True).select_related("fonds", "scheme"):
        below[item.parent_id].append(item)

    def branch(item: RecordClass) -> Branch:
        children = [branch(child) for child in below[item.pk]]
        return Branch(item, counts[item.pk] + sum(child.count for child in children), children)

    return [branch(item) for item in below[None]]
