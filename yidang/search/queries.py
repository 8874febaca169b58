"""The one question that pages, the API and others ask: :func:`search`."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from django.utils.translation import gettext as _

from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed
from yidang.search import changed, facets, orders
from yidang.search.asking import Query
from yidang.search.backend import (
    EXACT,
    PINYIN_TOO,
    SIMILAR,
    Counts,
    IndexDamaged,
    IndexMissing,
    Question,
    Ranked,
    Snapshot,
    backend,
)
from yidang.search.hits import hits_of
from yidang.search.indexing import Lag, lag_behind
from yidang.search.narrowing import Narrowing
from yidang.search.orders import Cursor
from yidang.search.results import Results
from yidang.search.scope import Scope
from yidang.search.terms import ANYWHERE, Term, parse

# A question with fewer characters is answered exactly or not at all.
SIMILAR_FROM = 6

_beside = ThreadPoolExecutor(max_workers=8, thread_name_prefix="search-counts")

__all__ = ["Query", "Results", "search"]


class SearchNotAllowed(NotAllowed):
    """The way in (a token) does not include searching."""

    code = "search_not_allowed"


def search(actor: Actor, query: Query) -> Results:
    """Find records that the actor may see.

    Every term must be in the description, or in the text of a page that the actor may view; ``total``, facets and all hits
    count such records alone.

    :raises SearchNotAllowed: nobody is signed in, or the actor's token lacks the scope ``search``
    :raises InvalidInput: the cursor is damaged or belongs to another order
    :raises IndexDamaged: the index cannot answer with every hit, and is built anew
    """
    if not actor.is_signed_in:
        raise SearchNotAllowed(_("Nobody is signed in."), remedy=_("Sign in, or send a token."))
    if not actor.may_use("search"):
        raise SearchNotAllowed(_("This token may not search."), remedy=_("Ask for a token with the scope «search»."))
    clock = _Clock()
    cursor = orders.read_cursor(query.cursor, query.sort)
    snapshot = backend().snapshot()
    lag = lag_behind(snapshot.seq if snapshot else 0)
    if not _answers(snapshot, lag):
        raise IndexMissing()
    if snapshot is None:
        return Results(hits=[], total=0, lag=lag, took_ms=clock.total)
    scope = Scope.of(actor, snapshot)
    terms = parse(query.text)
    clock.tick("reach")
    narrowing = Narrowing(query.filters, scope.classes)
    counting = _count_beside(scope, terms, narrowing, query, cursor.way if cursor else EXACT)
    way, ranked = _rank(scope, terms, narrowing, query, cursor)
    if way != (cursor.way if cursor else EXACT):
        counting = _count_beside(scope, terms, narrowing, query, way)
    clock.tick("rank")
    from_rows = changed.answer(scope, terms, query, way)
    page = changed.merge(from_rows, ranked, query, cursor)
    hits = hits_of(scope, page.ids, terms, way)
    clock.tick("hits")
    counts, pending = counting.result()
    labelled = facets.facets(changed.add_counts(counts, from_rows), query.filters) if query.facets else []
    clock.tick("facets")
    return Results(
        hits=hits,
        total=ranked.total + len(from_rows),
        facets=labelled,
        next=_next(query, way, ranked, scope) if ranked.more else "",
        took_ms=clock.total,
        lag=lag,
        pending_text=pending,
        widened=way,
        steps=clock.steps,
    )


def answers() -> bool:
    """Whether this machine's index can answer with every hit; false while it joins or is built anew."""
    try:
        snapshot = backend().snapshot()
    except IndexDamaged:
        return False
    return _answers(snapshot, lag_behind(snapshot.seq if snapshot else 0))


def _answers(snapshot: Snapshot | None, lag: Lag) -> bool:
    return lag.followed and (snapshot is not None or not Record.objects.exists())


def _count_beside(
    scope: Scope, terms: Sequence[Term], narrowing: Narrowing, query: Query, way: str
) -> "Future[tuple[Counts, int]]":
    """Have the index count on a second thread, without Python's lock and without the database, while hits are found and read."""
    planned = facets.plan(terms, narrowing, way) if query.facets else []
    return _beside.submit(scope.finder.counter(planned, Question(filters=narrowing.all_but(), pending=True)))


def _rank(
    scope: Scope, terms: Sequence[Term], narrowing: Narrowing, query: Query, cursor: Cursor | None
) -> tuple[str, Ranked]:
    """One page of records; the first page decides whether the question is widened, later pages keep to it."""

    def ranked_in(way: str) -> Ranked:
        question = Question(tuple(terms), narrowing.all_but(), way)
        return scope.finder.rank(question, query.sort, cursor.after if cursor else None, query.limit)

    if cursor:
        return cursor.way, ranked_in(cursor.way)
    ranked = ranked_in(EXACT)
    if ranked.total or scope.see.is_empty:
        return EXACT, ranked
    wanted = [term for term in terms if not term.excluded and not term.phrase and term.field == ANYWHERE]
    if any(term.letters for term in wanted):
        with_pinyin = ranked_in(PINYIN_TOO)
        if with_pinyin.total:
            return PINYIN_TOO, with_pinyin
    if (
        wanted
        and len(wanted) == sum(not term.excluded for term in terms)
        and sum(len(term.text) for term in wanted) >= SIMILAR_FROM
    ):
        similar = ranked_in(SIMILAR)
        if similar.total:
            return SIMILAR, similar
    return EXACT, ranked


def _next(query: Query, way: str, ranked: Ranked, scope: Scope) -> str:
    last = len(ranked.ids) - 1
    offset = ranked.offset + len(ranked.ids)
    return Cursor(query.sort, way, ranked.ids[last], ranked.places[last], offset, scope.snapshot.generation).pack()


class _Clock:
    """Where the time of a search goes, in milliseconds."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self.steps: dict[str, float] = {}

    def tick(self, name: str) -> None:
        now = time.perf_counter()
        self.steps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    @property
    def total(self) -> float:
        return round((time.perf_counter() - self._begun) * 1000, 2)
