"""The filters of a question with the trees of classes and the keys of departments spelled out as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from yidang.people.models import Department
from yidang.permissions.reach import ClassFacts
from yidang.search import asking
from yidang.search.asking import Filter
from yidang.search.backend import Narrowed


@dataclass(frozen=True)
class Narrowing:
    """Worked out once for a question."""

    filters: Mapping[str, Filter]
    classes: Sequence[ClassFacts]

    def all_but(self, name: str = "") -> tuple[Narrowed, ...]:
        """Every filter, or all but one: a facet's counts show what its other values would give."""
        return tuple(narrowed for narrowed in self._all if narrowed.facet != name)

    @cached_property
    def _all(self) -> list[Narrowed]:
        found = []
        for name, narrowed in self.filters.items():
            if narrowed.only:
                found.append(self._narrowed(name, narrowed.only, excluded=False))
            if narrowed.never:
                found.append(self._narrowed(name, narrowed.never, excluded=True))
        return found

    def _narrowed(self, name: str, values: Sequence[str], *, excluded: bool) -> Narrowed:
        if name == asking.CLASS:
            return Narrowed(name, tuple(self.class_ids(values)), excluded=excluded)
        if name == asking.DEPARTMENT:
            keys = Department.objects.filter(key__in=values).order_by("pk").values_list("id", flat=True)
            return Narrowed(name, tuple(keys), excluded=excluded)
        if name in {asking.YEAR, asking.LEVEL}:
            ranges = tuple(borders for borders in map(year_range, values) if borders)
            return Narrowed(name, ranges=ranges, excluded=excluded)
        return Narrowed(name, tuple(values), excluded=excluded)

    def class_ids(self, codes: Sequence[str]) -> list[int]:
        """The classes of these codes with all their branches."""
        return sorted(
            facts.id
            for facts in self.classes
            if any(facts.code == code or facts.code.startswith(f"{code}·") for code in codes)
        )


def year_range(value: str) -> tuple[int | None, int | None] | None:
    """``2019``, ``2019..2024``, ``2019..`` or ``..2024``; None for anything else."""
    first, dots, last = value.partition("..")
    if not all(part.isascii() and part.isdigit() and len(part) <= 6 for part in (first, last) if part) or not (
        first or last
    ):
        return None
    low = int(first) if first else None
    return (low, low) if not dots else (low, int(last) if last else None)
