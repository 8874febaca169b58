"""What may be meant while somebody still types: titles, names and codes of records in reach, by characters or by pinyin."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.search import asking, entries, hits, marking
from yidang.search.backend import PINYIN_TOO, Question, backend
from yidang.search.scope import Scope
from yidang.search.terms import Term, parse

RECORD, NAME = "record", "name"
LOOKED_AT = 30  # records from which suggestions are taken


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: a record to open, or a name to ask for."""

    kind: str
    text: str
    marked: SafeString
    record: Record | None = None


def suggest(actor: Actor, text: str, *, limit: int = 8) -> list[Suggestion]:
    """Suggestions for what was typed so far; only from records that the actor may see, and never from page texts."""
    snapshot = backend().snapshot()
    terms = [term for term in parse(text) if not term.excluded]
    if snapshot is None or not terms or not actor.may_use("search"):
        return []
    scope = Scope.of(actor, snapshot)
    question = Question(tuple(terms), way=PINYIN_TOO, texts=False)
    ranked = scope.finder.rank(question, asking.RELEVANCE, None, LOOKED_AT)
    admitted = entries.ready(Record.objects.reached_by(scope.see).filter(pk__in=ranked.ids))
    records = {record.pk: record for record in admitted}
    names: dict[str, Suggestion] = {}
    titles: list[Suggestion] = []
    for record in (records[pk] for pk in ranked.ids if pk in records):
        for name in entries.parts_of(record).people:
            marks = _marks(name, terms, name=True)
            if marks and len(name) <= 40:
                names.setdefault(name, Suggestion(NAME, name, marking.marked(name, marks)))
        marks = _marks(record.title, terms)
        codes = (record.code, record.accession_number, record.document_number)
        if marks or any(_marks(code, terms) for code in codes):
            titles.append(Suggestion(RECORD, record.title, marking.marked(record.title, marks), record))
    return [*list(names.values())[:3], *titles][:limit]


def _marks(text: str, terms: list[Term], *, name: bool = False) -> list[str]:
    normal = entries.normalise(text)
    return [*(term.text for term in terms if term.text in normal), *hits.read_as(text, terms, name=name)]
