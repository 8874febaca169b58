"""What changes something: texts put down, searches logged, questions saved."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue.models import Document, Record, RecordChange
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound
from yidang.search import pagetext
from yidang.search.asking import MOST, Query, from_address
from yidang.search.models import SavedSearch
from yidang.search.queries import search
from yidang.search.results import Hit, Results

NAME_LONGEST, QUERY_LONGEST = 80, 2000
EXPORT_MOST = 20_000


class HasText(Protocol):
    """A page with its text, as the readers of formats give it."""

    text: str


def put_page_text(record: Record, document_number: int, pages: Sequence[str | HasText]) -> int:
    """Keep the texts of a document's pages and tell the index; the document is «ready» then, or «none» without any text.

    Called by digitisation inside or outside a transaction: the file stands before the row says so.

    :returns: bytes on disk
    """
    texts = [page if isinstance(page, str) else page.text for page in pages]
    mark, size = pagetext.write_pages(record.public_id, document_number, texts)
    state = "ready" if any(text.strip() for text in texts) else "none"
    with transaction.atomic():
        mine = Document.objects.filter(record=record, number=document_number)
        before = mine.select_for_update().values_list("text_mark", flat=True).first()
        mine.update(text_state=state, text_mark=mark)
        RecordChange.objects.create(
            record_id=record.pk, kind=RecordChange.TEXT, document=document_number, at=clock.now()
        )
        if before is not None and before != mark:
            transaction.on_commit(partial(pagetext.remove_text, record.public_id, document_number, before), robust=True)
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


def save_search(*, actor: Actor, name: str, query: str, now: datetime | None = None) -> SavedSearch:
    """Keep a question under a name of the actor's own; the same name again is given the new question.

    :raises NotAllowed: nobody is signed in
    :raises InvalidInput: the name is empty or too long, or there is nothing to keep
    """
    if actor.user_id is None:
        raise NotAllowed()
    name, query = " ".join(name.split()), query.lstrip("?")
    if not name or len(name) > NAME_LONGEST:
        raise InvalidInput(
            _("A saved search needs a name."), code="name_missing", field="name", remedy=_("Write up to 80 characters.")
        )
    kept = from_address(QueryDict(query)).parameters
    if not kept or len(kept) > QUERY_LONGEST:
        raise InvalidInput(
            _("There is no question to save."),
            code="query_missing",
            field="query",
            remedy=_("Search for something first."),
        )
    with transaction.atomic():
        saved, _made = SavedSearch.objects.update_or_create(
            user_id=actor.user_id, name=name, defaults={"query": kept, "created_at": now or clock.now()}
        )
        audit.write(
            "search.saved.done", actor=actor, target_kind="saved_search", target=saved.public_id,
            personal={"name": name, "query": kept},
        )  # fmt: skip
    return saved


def remove_saved_search(public_id: UUID, *, actor: Actor) -> None:
    """Forget one of the actor's own saved searches.

    :raises NotFound: the actor has no such search
    """
    with transaction.atomic():
        saved = SavedSearch.objects.filter(public_id=public_id, user_id=actor.user_id).first()
        if saved is None:
            raise NotFound()
        saved.delete()
        audit.write("search.saved.removed", actor=actor, target_kind="saved_search", target=public_id)


def export_hits(query: Query, *, actor: Actor) -> Iterator[Hit]:
    """Every hit of a question for a spreadsheet, in its order; the log learns of it before the first one.

    :raises InvalidInput: more hits than a spreadsheet should hold
    """
    first = search(actor, replace(query, cursor="", limit=MOST, facets=False))
    if first.total > EXPORT_MOST:
        raise InvalidInput(
            _("The search finds more than %(most)s records.") % {"most": f"{EXPORT_MOST:,}"},
            code="too_many_rows",
            remedy=_("Narrow it with a filter, for example one year at a time."),
        )
    with transaction.atomic():
        audit.write(
            "search.export.done",
            actor=actor,
            facts={"total": first.total},
            personal={"query": query.text, "address": query.parameters},
        )
    return _all_pages(first, query, actor)


def _all_pages(results: Results, query: Query, actor: Actor) -> Iterator[Hit]:
    yield from results.hits
    while results.next:
        results = search(actor, replace(query, cursor=results.next, limit=MOST, facets=False))
        yield from results.hits
