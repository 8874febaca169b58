"""What a search answers."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from yidang.catalogue.models import Record
from yidang.search.indexing import Lag
from yidang.search.marking import Spot


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of the description that matched, marked."""

    part: str
    snippet: SafeString


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found.

    :param title: its title with marks, safe for a page
    :param reasons: other parts of the description that matched
    :param spots: pages that matched, the best ones first, only when the pages may be viewed
    :param pages: how many pages matched
    :param viewable: whether the actor may view its pages
    :param pending: the text of some document is not there yet
    """

    record: Record
    title: SafeString
    reasons: list[Reason]
    spots: list[Spot]
    pages: int
    viewable: bool
    pending: bool


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with its count; ``choice`` is ``only``, ``not`` or empty for either."""

    value: str
    label: str
    count: int
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one facet among the records that the actor may see; ``label`` names a field of a scheme."""

    name: str
    values: list[FacetValue]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits with what belongs to it.

    :param widened: empty, ``pinyin`` (nothing stands as typed) or ``similar`` (no record has all terms)
    :param pending_text: records in reach, under the same filters, whose text is still to come
    :param next: the cursor of the next page, empty on the last
    """

    hits: list[Hit]
    total: int
    facets: list[Facet] = field(default_factory=list)
    next: str = ""
    took_ms: float = 0.0
    lag: Lag = field(default_factory=lambda: Lag(0, 0.0))
    pending_text: int = 0
    widened: str = ""
    steps: dict[str, float] = field(default_factory=dict)


Row = dict[str, Any]
