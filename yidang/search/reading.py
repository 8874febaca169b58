"""Texts and hits inside one record, for its page; the caller has asked whether its pages may be viewed."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from yidang.catalogue.models import Record
from yidang.search import marking, pagetext
from yidang.search.normal import normalise
from yidang.search.terms import parse


@dataclass(frozen=True, slots=True)
class Match:
    """A page on which something of the question stands, in the order of reading."""

    document: int
    page: int
    snippet: SafeString
    count: int


def page_texts(record: Record, document_number: int) -> list[str] | None:
    """The texts of a document's pages; None while there are none."""
    document = record.documents.filter(number=document_number).only("number", "text_mark").first()
    return pagetext.read_pages(record.public_id, document.number, document.text_mark) if document else None


def pages_with(record: Record, text: str) -> list[Match]:
    """Every page of a record on which a term of the question stands."""
    wanted = marking.needles(parse(text))
    if not wanted:
        return []
    found = []
    documents = record.documents.order_by("number").only("number", "text_mark")
    for document, pages in pagetext.read_documents(record.public_id, documents).items():
        for page, body in enumerate(pages, start=1):
            normal = normalise(body)
            if any(needle in normal for needle in wanted):
                shown, count = marking.snippet(body, wanted)
                found.append(Match(document, page, shown, count))
    return found
