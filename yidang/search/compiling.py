"""From the house's terms and filters to tantivy's questions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import tantivy
from tantivy import FieldType, Occur

from yidang.people.models import DepartmentName
from yidang.search import asking, pinyin
from yidang.search import schema as s
from yidang.search.backend import EXACT, PINYIN_TOO, SIMILAR, Narrowed
from yidang.search.normal import normalise, steps
from yidang.search.permit import one_of
from yidang.search.terms import ANYWHERE, BODY, PATIENT, PINYIN, Term

# Letters from this many on are tried as pinyin at once; fewer only when they are found nowhere as they stand.
PINYIN_LETTERS = 5

# Where the values of each facet stand.
FIELDS = {
    asking.CLASS: s.CLASS,
    asking.YEAR: s.YEAR,
    asking.DEPARTMENT: s.DEPARTMENT,
    asking.RETENTION: s.RETENTION,
    asking.STATE: s.STATE,
    asking.ROLE: s.ROLE,
    asking.LEVEL: s.LEVEL,
    asking.FACT: s.FACT,
}

_TQ = tantivy.Query


@dataclass(frozen=True)
class Words:
    """Makes questions of terms for one actor.

    :param view: conditions under which page texts may be matched
    :param borders: what limits the whole question as well: a phrase, whose places are compared record by record, asks it first
    :param way: exact, with pinyin for every term of letters, or similar texts
    """

    view: Sequence[tuple[Occur, tantivy.Query]] = ()
    borders: Sequence[tuple[Occur, tantivy.Query]] = ()
    sees_no_text: bool = False
    way: str = EXACT

    @cached_property
    def departments(self) -> dict[str, set[int]]:
        """Departments by each name they ever had: a renamed one finds what it made under its old name."""
        named: dict[str, set[int]] = {}
        for department, zh, en in DepartmentName.objects.values_list("department_id", "zh", "en"):
            for name in {normalise(zh), normalise(en)} - {""}:
                named.setdefault(name, set()).add(department)
        return named

    def all_of(self, terms: Sequence[Term]) -> list[tuple[Occur, tantivy.Query]]:
        """Each term a condition of its own."""
        if self.way == SIMILAR:
            return [
                (Occur.Must, self._similar([term for term in terms if not term.excluded])),
                *((Occur.MustNot, self.term(term)) for term in terms if term.excluded),
            ]
        return [(Occur.MustNot if term.excluded else Occur.Must, self.term(term)) for term in terms]

    def term(self, term: Term) -> tantivy.Query:
        """Entries that have a term in the part that it names, or anywhere."""
        if term.field == PATIENT:
            return _part(s.CODES, term.text)
        if term.field == PINYIN:
            return _any(self._pinyin(term.letters)) if term.letters else _TQ.empty_query()
        if term.field == BODY:
            return self._body(term.text)
        if term.field != ANYWHERE:
            return _any([_part(term.field, term.text), *self._keys(term)])
        return _any([*self._described(term), self._body(term.text)])

    def _described(self, term: Term) -> list[tantivy.Query]:
        if len(term.text) == 1:
            return [_TQ.term_query(s.schema(), s.CHARS, term.text)]
        ways = [
            _TQ.boost_query(_part(s.TITLE, term.text), 3.0),
            _part(s.REST, term.text),
            *self._keys(term),
        ]
        departments = () if term.phrase else self.departments.get(term.text, ())
        if departments:
            ways.append(_TQ.const_score_query(one_of(s.DEPARTMENT, sorted(departments)), 1.0))
        if term.letters and not term.phrase and (len(term.letters) >= PINYIN_LETTERS or self.way == PINYIN_TOO):
            ways += self._pinyin(term.letters)
        return ways

    def _keys(self, term: Term) -> list[tantivy.Query]:
        ways = []
        if term.number:
            ways.append(_TQ.const_score_query(_TQ.term_query(s.schema(), s.NUMBER_KEY, term.number), 40.0))
        for code in term.codes:
            ways.append(
                _TQ.const_score_query(
                    _TQ.regex_query(s.schema(), s.CODE_KEY, re.escape(code).replace(r"\-", "-") + ".*"), 30.0
                )
            )
        return ways

    def _body(self, text: str) -> tantivy.Query:
        if self.sees_no_text:
            return _TQ.empty_query()
        if len(text) == 1:
            found, conditions = _TQ.const_score_query(_TQ.term_query(s.schema(), s.BODY_CHARS, text), 0.1), [*self.view]
        else:
            found, conditions = _part(s.BODY, text), [*(self.borders if len(text) > 2 else ()), *self.view]
        return _TQ.boolean_query([(Occur.Must, found), *conditions]) if conditions else found

    def _pinyin(self, letters: str) -> list[tantivy.Query]:
        ways = []
        for reading in pinyin.readings(letters):
            if reading[-1].endswith("*"):
                words: list[str | tuple[int, str]] = [*reading[:-1], reading[-1][:-1]]
                ways.append(_TQ.phrase_prefix_query(s.schema(), s.SYLLABLES, words))
            else:
                ways.append(_phrase(s.SYLLABLES, list(enumerate(reading))))
        if len(letters) <= 40:
            ways.append(_part(s.INITIALS, letters))
        return [_TQ.const_score_query(way, 0.5) for way in ways]

    def _similar(self, terms: Sequence[Term]) -> tantivy.Query:
        """Texts that share many pairs of characters with the question, the rarest weighing most."""
        grams = list(dict.fromkeys(term.text[at : at + 2] for term in terms for at in range(len(term.text) - 1)))
        ways = []
        for gram in grams:
            ways += [
                _TQ.boost_query(_part(s.TITLE, gram), 1.5),
                _part(s.REST, gram),
                self._body(gram),
            ]
        return _any(ways)


def _phrase(field: str, words: list[tuple[int, str]]) -> tantivy.Query:
    if len(words) == 1:
        return _TQ.term_query(s.schema(), field, words[0][1])
    return _TQ.phrase_query(s.schema(), field, words)  # type: ignore[arg-type]


def _part(field: str, text: str) -> tantivy.Query:
    """Entries with this part of a text in a field of pairs."""
    if len(text) == 1:
        # A value's last character is a pair with the end mark, so each character begins some pair.
        return _TQ.regex_query(s.schema(), field, re.escape(text) + ".")
    return _phrase(field, steps(text))


def _any(ways: Sequence[tantivy.Query]) -> tantivy.Query:
    if not ways:
        return _TQ.empty_query()
    return ways[0] if len(ways) == 1 else _TQ.boolean_query([(Occur.Should, way) for way in ways])


def condition(narrowed: Narrowed) -> tuple[Occur, tantivy.Query]:
    """A filter as a condition on entries, without weight in their order."""
    field = FIELDS[narrowed.facet]
    if narrowed.facet in {asking.YEAR, asking.LEVEL}:
        found = _any([_numbers(field, *borders) for borders in narrowed.ranges])
    else:
        found = one_of(field, list(narrowed.values)) if narrowed.values else _TQ.empty_query()  # type: ignore[arg-type]
    return (Occur.MustNot, found) if narrowed.excluded else (Occur.Must, _TQ.const_score_query(found, 0.0))


def _numbers(field: str, low: int | None, high: int | None) -> tantivy.Query:
    if low is not None and low == high:
        return _TQ.term_query(s.schema(), field, low)
    return _TQ.range_query(s.schema(), field, FieldType.Integer, lower_bound=low, upper_bound=high)
