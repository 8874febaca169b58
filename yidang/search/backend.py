"""What an engine must do so that the archive can be searched with it, said in the house's own words.

An engine keeps one entry for each record in an *edition* of its index; it may build another edition beside the one that is
searched. It is fed in the order of the feed of changes and notes how far it is. It never decides: what it answers is read
from the database within the asker's reach. ``tests/test_every_engine.py`` is the contract; each engine passes it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from yidang.catalogue.models import Record
from yidang.common.errors import Unavailable
from yidang.permissions.reach import ClassFacts, Reach
from yidang.search.terms import Term

# How a question is widened: not at all, letters read as pinyin, or texts that share many pairs of characters with it.
EXACT, PINYIN_TOO, SIMILAR = "", "pinyin", "similar"

Counts = dict[str, dict[Any, int]]


class IndexDamaged(Unavailable):
    """The index cannot be read, and must not answer with fewer hits than there are."""

    code = "index_damaged"
    default_message = _("The search index cannot be read and is built anew; nothing of the archive is lost.")
    default_remedy = _("Search again in a few minutes; the list of records works meanwhile.")


class IndexMissing(IndexDamaged):
    """There is no index where there are records: it must not answer with no hits."""

    code = "index_missing"
    default_message = _("The search index of this machine is being built; nothing of the archive is lost.")


class IndexHeld(Unavailable):
    """Another process writes the index; there is one writer at a time."""

    code = "index_held"
    default_message = _("Another process is writing the search index.")
    default_remedy = _("Wait until it has ended, or stop it.")


@dataclass(frozen=True, slots=True)
class Place:
    """How far an edition has followed the feed.

    :param seq: every change up to this one is in the index
    :param commits: counts the commits of this edition
    :param failed: records that could not be read, with the reason; tried again with their next change
    """

    seq: int = 0
    commits: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One filter with its trees spelled out: entries with one of the values, or with a number in one of the ranges.

    :param facet: its name in :mod:`yidang.search.asking`
    :param excluded: entries without them instead
    """

    facet: str
    values: tuple[int | str, ...] = ()
    ranges: tuple[tuple[int | None, int | None], ...] = ()
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Borders:
    """What one actor reaches; every count, facet and hit stays inside.

    :param see: whose entries may be found by their description
    :param view: whose page texts and personal fields may match as well; None when that is everything seen
    :param left_out: records that the database answers for
    """

    see: Reach
    view: Reach | None
    classes: Sequence[ClassFacts]
    left_out: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What to find within borders: every term (or none of it, where it is excluded) under every filter.

    :param texts: whether page texts and personal fields may match at all
    :param pending: only records that may be viewed and whose text is still to come
    """

    terms: tuple[Term, ...] = ()
    filters: tuple[Narrowed, ...] = ()
    way: str = EXACT
    texts: bool = True
    pending: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """The last record of the page before: its number, its place in an order that has places, and how many came before.

    :param generation: of the state that answered then
    """

    last: int
    place: int
    offset: int
    generation: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """The records of one page in their order; ``total`` counts all, ``more`` tells of another page."""

    ids: list[int]
    places: list[int]
    total: int
    more: bool
    offset: int


class Finder(Protocol):
    """Asks one state of the index within the borders of one actor."""

    def rank(self, question: Question, sort: str, after: After | None, limit: int) -> Ranked:
        """One page of records in one of the orders of :mod:`yidang.search.asking`."""

    def counter(
        self, planned: Sequence[tuple[Question, Sequence[str]]], pending: Question
    ) -> Callable[[], tuple[Counts, int]]:
        """What counts the facets of these questions and the entries of ``pending``.

        It is made by whoever asks and called on another thread, where it asks the engine alone and not the database.
        """


class Snapshot(Protocol):
    """A state of the index that does not change under a search."""

    @property
    def seq(self) -> int:
        """Every change of the feed up to this one is in it, perhaps later ones too."""

    @property
    def generation(self) -> str:
        """Differs for each commit and edition."""

    def within(self, borders: Borders) -> Finder:
        """A finder for one actor."""


class Writer(Protocol):
    """Writes one edition; nothing is seen before its commit."""

    def remove(self, record_ids: Iterable[int]) -> None:
        """Take out the entries of these records, where they have any."""

    def add(self, record: Record, pages: Mapping[int, list[str]]) -> None:
        """Put in the entry of a record that has none: its description and the page texts of its documents."""

    def commit(self, place: Place) -> None:
        """Show what was written, then note the place: it is never ahead of the entries, not after a power cut either."""

    def close(self) -> None:
        """Let go; what was not committed is followed again."""


class Edition(Protocol):
    """One whole index; editions of the same one are equal."""

    @property
    def name(self) -> str:
        """Tells it from the others."""

    def place(self) -> Place:
        """How far it is; from the beginning when its note is lost, because following again changes nothing."""

    def is_readable(self) -> bool:
        """Whether this program can read it, and nothing of it is gone."""

    def writer(self) -> Writer:
        """A writer; whoever makes one holds the lock that says so."""

    def fill(self, tell: Callable[[int], None] | None) -> dict[str, str]:
        """Put in every record, it has none yet; returns those that could not be read. ``tell`` is told how many are done."""

    def entries(self) -> int:
        """How many it has; cheap."""

    def sizes(self) -> tuple[int, int]:
        """Bytes of the edition, and characters of text in all its entries."""


class Backend(Protocol):
    """An engine."""

    def held(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock ``writer`` or ``build`` of this copy of the index.

        :raises IndexHeld: another process holds it
        """

    def current(self) -> Edition | None:
        """The edition that is searched; None before the first was built."""

    def fresh(self) -> Edition:
        """An empty edition, not yet searched; what an interrupted build left is gone."""

    def switch(self, edition: Edition) -> None:
        """Search this edition from now on, in every process; it outlives a power cut before the others are removed."""

    def tidy(self) -> None:
        """Remove editions that were searched before."""

    def snapshot(self) -> Snapshot | None:
        """The newest state of the current edition; None when there is none.

        :raises IndexDamaged: it cannot be read
        """


@cache
def _made(name: str) -> Backend:
    return import_string(name)()


def backend() -> Backend:
    """The engine of this installation."""
    return _made(settings.SEARCH_BACKEND)
