"""What changes something: texts put down, searches logged, questions saved."""

from collections.abc import Sequence
from typing import Protocol

from django.db import transaction

from yidang import audit
from yidang.catalogue.models import Document, Record, RecordChange
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.search import pagetext
from yidang.search.asking import Query
from yidang.search.queries import search
from yidang.search.results import Results


class HasText(Protocol):
    """A page with its text, as the readers of formats give it."""

    text: str


def put_page_text(record: Record, document_number: int, pages: Sequence[str | HasText]) -> int:
    """Keep the texts of a document's pages and tell the index; the document is «ready» then, or «none» without any text.

    Called by digitisation inside or outside a transaction: the file stands before the row says so.

    :returns: bytes on disk
    """
    texts = [page if isinstance(page, str) else page.text for page in pages]
    size = pagetext.write_pages(record.public_id, document_number, texts)
    state = "ready" if any(text.strip() for text in texts) else "none"
    with transaction.atomic():
        Document.objects.filter(record=record, number=document_number).update(text_state=state)
        RecordChange.objects.create(record_id=record.pk, kind=RecordChange.TEXT, document=document_number, at=clock.now())
    return size


def search_and_log(query: Query, *, actor: Actor) -> Results:
    """Search, and write down who asked what; what was typed may be a person's name, so it is kept as a personal fact.

    :raises SearchNotAllowed: the actor's token lacks the scope
    :raises InvalidInput: the cursor is damaged
    """
    results = search(actor, query)
    with transaction.atomic():
        audit.write(
            "search.query.done",
            actor=actor,
            facts={
                "total": results.total,
                "shown": len(results.hits),
                "sort": query.sort,
                "filters": sorted(query.filters),
                "widened": results.widened,
                "took_ms": round(results.took_ms),
                "later_page": bool(query.cursor),
            },
            personal={"query": query.text, "address": query.parameters},
        )
    return results
