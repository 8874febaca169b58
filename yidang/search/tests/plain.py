"""The engine that every other is compared with: it looks through every entry, in memory; slow, and exact."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings

from yidang.catalogue.models import Record
from yidang.people.models import DepartmentName
from yidang.permissions.reach import Clause, Reach
from yidang.search import asking, entries, pinyin
from yidang.search import schema as s
from yidang.search.backend import (
    PINYIN_TOO,
    SIMILAR,
    After,
    Borders,
    Counts,
    IndexHeld,
    Narrowed,
    Place,
    Question,
    Ranked,
)
from yidang.search.compiling import PINYIN_LETTERS
from yidang.search.follower import Follower
from yidang.search.normal import normalise
from yidang.search.numbers import code_keys, number_keys
from yidang.search.terms import ANYWHERE, BODY, PATIENT, PINYIN, Term


class Kept:
    """An entry: the normal texts of a record by part, and its facts."""

    def __init__(self, record: Record, pages: Mapping[int, list[str]]) -> None:
        parts = entries.parts_of(record)
        self.id = record.pk
        self.described: dict[str, list[str]] = {}
        for name, text in parts.described():
            self.described.setdefault(name, []).append(normalise(text))
        self.bodies = [
            normalise(text) for text in (*parts.guarded, *(page for texts in pages.values() for page in texts))
        ]
        self.numbers = {key for text in parts.numbers for key in number_keys(text)}
        self.codes = {key for text in parts.codes for key in code_keys(text)}
        named = [(record.title, False), *((name, True) for name in parts.people)]
        self.read = [read for text, is_name in named if (read := pinyin.syllables(text, name=is_name))]
        self.record = record
        self.pending = entries.is_pending(record)
        self.facts = {
            asking.CLASS: [record.record_class_id],
            asking.YEAR: [record.year],
            asking.DEPARTMENT: [record.department_id or 0],
            asking.RETENTION: [record.retention],
            asking.STATE: [record.state],
            asking.ROLE: sorted({document.role for document in entries.documents_of(record)}),
            asking.LEVEL: [record.level],
            asking.FACT: list(dict.fromkeys(entries.facts_of(record))),
        }
        date, received = entries.date_place(record), entries.received_place(record)
        self.places = {asking.NEWEST: -date, asking.OLDEST: date, asking.RECEIVED: -received}
        self.by_code = entries.code_place(record)

    def reached(self, reach: Reach) -> bool:
        """Whether some clause admits it."""
        return any(self._admitted(clause) for clause in reach.clauses)

    def _admitted(self, clause: Clause) -> bool:
        record = self.record
        asked = [
            (clause.class_ids, record.record_class_id), (clause.department_ids, record.department_id),
            (clause.patients, record.patient_number), (clause.record_ids, record.pk),
        ]  # fmt: skip
        return (
            all(wanted is None or value in wanted for wanted, value in asked)
            and record.level <= clause.max_level
            and (clause.not_owner is None or record.owner_id != clause.not_owner)
            and record.pk not in clause.not_records
            and record.patient_number not in clause.not_patients
        )

    def has(self, term: Term, way: str, bodies: Sequence[str], departments: Mapping[str, set[int]]) -> bool:
        """Whether a term stands in the part that it names, or anywhere."""
        if term.field == PATIENT:
            return any(term.text in text for text in self.described.get(s.CODES, ()))
        if term.field == PINYIN:
            return bool(term.letters) and self._spelled(term.letters)
        if term.field == BODY:
            return any(term.text in body for body in bodies)
        parts = self.described if term.field == ANYWHERE else {term.field: self.described.get(term.field, [])}
        if any(term.text in text for texts in parts.values() for text in texts):
            return True
        if term.number in self.numbers or any(key.startswith(code) for code in term.codes for key in self.codes):
            return True
        if term.field != ANYWHERE:
            return False
        if any(term.text in body for body in bodies):
            return True
        if term.phrase:
            return False
        if self.record.department_id in departments.get(term.text, ()):
            return True
        letters = term.letters if len(term.letters) >= PINYIN_LETTERS or way == PINYIN_TOO else ""
        return bool(letters) and self._spelled(letters)

    def _spelled(self, letters: str) -> bool:
        if len(letters) <= 40 and any(letters in pinyin.initials(read) for read in self.read):
            return True
        return any(_stands(reading, read) for reading in pinyin.readings(letters) for read in self.read)

    def is_like(self, grams: Iterable[str], bodies: Sequence[str]) -> bool:
        """Whether it shares a pair of characters."""
        every = [*(text for texts in self.described.values() for text in texts), *bodies]
        return any(gram in text for gram in grams for text in every)

    def passes(self, narrowed: Narrowed) -> bool:
        """Whether a filter lets it through."""
        values = self.facts[narrowed.facet]
        found = any(value in narrowed.values for value in values) or any(
            (low is None or low <= value) and (high is None or value <= high)
            for low, high in narrowed.ranges
            for value in values
        )
        return found != narrowed.excluded


def _stands(reading: list[str], read: list[str]) -> bool:
    """Whether syllables follow one another in a text that was read; the last one may be unfinished."""
    whole = [part for part in reading if not part.endswith("*")]
    begun = reading[-1][:-1] if reading[-1].endswith("*") else ""
    for at in range(len(read) - len(reading) + 1):
        if read[at : at + len(whole)] == whole and (not begun or read[at + len(whole)].startswith(begun)):
            return True
    return False


@dataclass(eq=False)
class Entries:
    """An edition: what is shown, and how far it is."""

    name: str
    shown: dict[int, Kept] = field(default_factory=dict)
    noted: Place = field(default_factory=Place)

    def place(self) -> Place:
        return self.noted

    def is_readable(self) -> bool:
        return True

    def writer(self) -> "PlainWriter":
        return PlainWriter(self)

    def fill(self, tell: Callable[[int], None] | None) -> dict[str, str]:
        failed: dict[str, str] = {}
        follower = Follower(self, self.writer())
        done = follower.add(Record.objects.all(), failed)
        follower.commit(Place())
        if tell:
            tell(done)
        return failed

    def entries(self) -> int:
        return len(self.shown)

    def sizes(self) -> tuple[int, int]:
        return 0, sum(len(text) for kept in self.shown.values() for texts in kept.described.values() for text in texts)


class PlainWriter:
    """Gathers what the next commit shows."""

    def __init__(self, edition: Entries) -> None:
        self._edition = edition
        self._next = dict(edition.shown)

    def remove(self, record_ids: Iterable[int]) -> None:
        for pk in record_ids:
            self._next.pop(pk, None)

    def add(self, record: Record, pages: Mapping[int, list[str]]) -> None:
        self._next[record.pk] = Kept(record, pages)

    def commit(self, place: Place) -> None:
        self._edition.shown, self._edition.noted = dict(self._next), place

    def close(self) -> None:
        self._next = {}


@dataclass(frozen=True)
class State:
    """A snapshot."""

    shown: Mapping[int, Kept]
    seq: int
    generation: str

    def within(self, borders: Borders) -> "Looking":
        return Looking(self, borders)


@dataclass(frozen=True)
class Looking:
    """A finder."""

    state: State
    borders: Borders

    def _found(self, question: Question) -> list[Kept]:
        departments: dict[str, set[int]] = {}
        for department, *names in DepartmentName.objects.values_list("department_id", "zh", "en"):
            for name in {normalise(name) for name in names} - {""}:
                departments.setdefault(name, set()).add(department)
        return [kept for kept in self.state.shown.values() if self._fits(kept, question, departments)]

    def _fits(self, kept: Kept, question: Question, departments: Mapping[str, set[int]]) -> bool:
        if kept.id in self.borders.left_out or not kept.reached(self.borders.see):
            return False
        viewed = self.borders.view is None or kept.reached(self.borders.view)
        if question.pending and not (kept.pending and viewed):
            return False
        if not all(kept.passes(narrowed) for narrowed in question.filters):
            return False
        bodies = kept.bodies if viewed and question.texts else []
        wanted = [term for term in question.terms if not term.excluded]
        if any(kept.has(term, question.way, bodies, departments) for term in question.terms if term.excluded):
            return False
        if question.way == SIMILAR:
            return kept.is_like((term.text[at : at + 2] for term in wanted for at in range(len(term.text) - 1)), bodies)
        return all(kept.has(term, question.way, bodies, departments) for term in wanted)

    def rank(self, question: Question, sort: str, after: After | None, limit: int) -> Ranked:
        found = self._found(question)
        if sort in (asking.NEWEST, asking.OLDEST, asking.RECEIVED):
            sign = 1 if sort == asking.OLDEST else -1
            ordered = sorted(found, key=lambda kept: kept.places[sort])
            rest = [kept for kept in ordered if after is None or kept.places[sort] > sign * after.place]
            places = [sign * kept.places[sort] for kept in rest[:limit]]
            start = after.offset if after else 0
        else:
            ordered = sorted(found, key=lambda kept: kept.by_code if sort == asking.CODE else f"{kept.id:020d}")
            ids = [kept.id for kept in ordered]
            start = (ids.index(after.last) + 1 if after.last in ids else after.offset) if after else 0
            rest = ordered[start:]
            places = [0] * len(rest[:limit])
        total = len(ordered) if sort not in (asking.NEWEST, asking.OLDEST, asking.RECEIVED) else start + len(rest)
        return Ranked([kept.id for kept in rest[:limit]], places, total, len(rest) > limit, start)

    def counter(
        self, planned: Sequence[tuple[Question, Sequence[str]]], pending: Question
    ) -> Callable[[], tuple[Counts, int]]:
        counts: Counts = {}
        for question, names in planned:
            found = self._found(question)
            for name in names:
                counts[name] = {}
                for value in (value for kept in found for value in kept.facts[name]):
                    counts[name][value] = counts[name].get(value, 0) + 1
        waiting = len(self._found(pending))
        return lambda: (counts, waiting)


@dataclass
class Home:
    """The editions of one data folder."""

    current: Entries | None = None
    made: int = 0
    held: set[str] = field(default_factory=set)


class Plain:
    """The engine."""

    def __init__(self) -> None:
        self._homes: dict[str, Home] = {}

    @property
    def _home(self) -> Home:
        return self._homes.setdefault(str(settings.DATA), Home())

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        if name in self._home.held:
            raise IndexHeld
        self._home.held.add(name)
        try:
            yield
        finally:
            self._home.held.discard(name)

    def current(self) -> Entries | None:
        return self._home.current

    def fresh(self) -> Entries:
        self._home.made += 1
        return Entries(f"plain-{self._home.made}")

    def switch(self, edition: Entries) -> None:
        self._home.current = edition

    def tidy(self) -> None:
        """There are no others."""

    def snapshot(self) -> State | None:
        edition = self.current()
        return State(edition.shown, edition.noted.seq, f"{edition.name}.{edition.noted.commits}") if edition else None
