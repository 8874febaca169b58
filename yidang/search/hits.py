"""From the numbers of records to hits: read from the database within reach, marked from our own texts."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from yidang.catalogue.models import Record
from yidang.search import entries, marking, pinyin
from yidang.search.backend import SIMILAR
from yidang.search.normal import normalise
from yidang.search.pagetext import read_documents
from yidang.search.results import Hit, Reason
from yidang.search.scope import Scope
from yidang.search.terms import ANYWHERE, PINYIN, Term

SPOTS = 3  # pages shown for one hit
REASONS = 3


def hits_of(scope: Scope, ids: Sequence[int], terms: Sequence[Term], way: str) -> list[Hit]:
    """The records in this order; one that the database does not admit (any more) is left out."""
    if not ids:
        return []
    admitted = entries.ready(Record.objects.reached_by(scope.see).filter(pk__in=ids))
    records = {record.pk: record for record in admitted}
    if scope.views_all:
        viewed = set(records)
    else:
        viewed = set(Record.objects.reached_by(scope.view).filter(pk__in=list(records)).values_list("pk", flat=True))
    return [hit_of(records[pk], terms, way, viewable=pk in viewed) for pk in ids if pk in records]


def hit_of(record: Record, terms: Sequence[Term], way: str, *, viewable: bool) -> Hit:
    """One hit with its marks."""
    everywhere = marking.grams(terms) if way == SIMILAR else marking.needles(terms, in_text=False)
    spots, pages = [], 0
    if viewable:
        wanted = marking.grams(terms) if way == SIMILAR else marking.needles(terms)
        if wanted:
            texts = read_documents(record.public_id, entries.documents_of(record))
            spots, pages = marking.spots(texts, wanted, most=SPOTS)
    return Hit(
        record=record,
        title=_title(record, terms, everywhere),
        reasons=_reasons(record, terms, everywhere),
        spots=spots,
        pages=pages,
        viewable=viewable,
        pending=entries.is_pending(record),
    )


def _title(record: Record, terms: Sequence[Term], wanted: Sequence[str]) -> SafeString:
    return marking.marked(record.title, [*wanted, *read_as(record.title, terms)])


def _reasons(record: Record, terms: Sequence[Term], wanted: Sequence[str]) -> list[Reason]:
    if not wanted:
        return []
    keys = {term.number for term in terms if term.number} | {code for term in terms for code in term.codes}
    found = []
    for part, text in entries.parts_of(record).described():
        if part == "title":
            continue
        normal = normalise(text)
        needles = [*wanted, *(read_as(text, terms, name=True) if part == "people" else [])]
        if any(needle in normal for needle in needles):
            shown, _count = marking.snippet(text, needles)
        elif part in {"numbers", "codes"} and keys and _is_key(part, text, keys):
            shown, _count = marking.snippet(text, [normal])
        else:
            continue
        found.append(Reason(part, shown))
        if len(found) == REASONS:
            break
    return found


def _is_key(part: str, text: str, keys: set[str]) -> bool:
    if part == "numbers":
        return not keys.isdisjoint(entries.number_keys(text))
    return any(own.startswith(key) for own in entries.code_keys(text) for key in keys)


def read_as(text: str, terms: Sequence[Term], *, name: bool = False) -> list[str]:
    """The Chinese characters of a text that the terms' letters spell, by syllables or initials."""
    letters = [
        term.letters for term in terms if term.letters and not term.excluded and term.field in {ANYWHERE, PINYIN}
    ]
    if not letters:
        return []
    normal = normalise(text)[: pinyin.LONGEST]
    read = pinyin.syllables(text, name=name)
    if not read or len(read) != len(normal):
        return []  # letters and figures between the characters: no place for each syllable, so no mark
    found = []
    for typed in letters:
        for at in range(len(read)):
            length = _spelled(read, at, typed)
            if length:
                found.append(normal[at : at + length])
                break
    return found


def _spelled(read: list[str], at: int, typed: str) -> int:
    """How many syllables from a place on spell the letters; 0 for none."""
    if len(typed) <= len(read) - at and "".join(part[0] for part in read[at : at + len(typed)]) == typed:
        return len(typed)
    joined = ""
    for length, part in enumerate(read[at:], start=1):
        joined += part
        if joined.startswith(typed):
            return length
        if not typed.startswith(joined):
            return 0
    return 0
