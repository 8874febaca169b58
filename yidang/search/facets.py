"""Counts by class, year, department and so on, only among what the actor may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang.catalogue import labels
from yidang.catalogue.models import MetadataScheme, RecordClass
from yidang.people.models import Department, DepartmentName
from yidang.search import asking
from yidang.search.asking import Filter
from yidang.search.backend import Counts, Question
from yidang.search.narrowing import Narrowing
from yidang.search.results import Facet, FacetValue
from yidang.search.terms import Term

COUNTED = (*asking.FACETS, asking.FACT)

Plan = list[tuple[Question, list[str]]]


def plan(terms: Sequence[Term], narrowing: Narrowing, way: str) -> Plan:
    """What to ask for which facets; a facet that is narrowed itself is counted as if it were not."""
    filters = narrowing.filters
    # The fields of a scheme are counted once a class says which scheme is meant.
    shown = [name for name in COUNTED if name != asking.FACT or {asking.CLASS, asking.FACT} & set(filters)]
    narrowed = [name for name in shown if name in filters]
    free = [name for name in shown if name not in filters]
    asked = [(free, ""), *(([name], name) for name in narrowed)]
    return [(Question(tuple(terms), narrowing.all_but(without), way), names) for names, without in asked if names]


def facets(counts: Counts, filters: Mapping[str, Filter]) -> list[Facet]:
    """The counts with labels in the reader's language, in a fixed order that does not depend on what is hidden."""
    english = (get_language() or "").startswith("en")
    made = []
    for name in asking.FACETS:
        known = _labels(name, english)
        narrowed = filters.get(name, Filter())
        values = {}
        for key, number in counts.get(name, {}).items():
            if name == asking.DEPARTMENT and not key:
                continue
            value, label = known.get(key) or _as_written(name, key)
            values[value] = FacetValue(value, label, number, _choice(narrowed, value))
        for value in (*narrowed.only, *narrowed.never):
            if value not in values:
                label = next((text for own, text in known.values() if own == value), _as_written(name, value)[1])
                values[value] = FacetValue(value, label, 0, _choice(narrowed, value))
        made.append(Facet(name, sorted(values.values(), key=_order(name))))
    return [*made, *_of_schemes(counts.get(asking.FACT, {}), filters, english)]


def _of_schemes(counts: Mapping[str, int], filters: Mapping[str, Filter], english: bool) -> list[Facet]:
    """One facet for each field of the chosen classes' schemes that has values among what was found."""
    narrowed = filters.get(asking.FACT, Filter())
    numbers = dict.fromkeys((*narrowed.only, *narrowed.never), 0) | dict(counts)
    if not numbers:
        return []
    made = []
    for key, entry in _scheme_fields(filters.get(asking.CLASS, Filter()).only).items():
        choices = {choice["value"]: choice["labels"] for choice in entry.get("choices", ())}
        values = [
            FacetValue(fact, _in(choices.get(text, {"zh": text}), english), number, _choice(narrowed, fact))
            for fact, number in numbers.items()
            for own, _equals, text in [fact.partition("=")]
            if own == key
        ]
        if values:
            made.append(Facet(asking.FACT, sorted(values, key=_order(asking.FACT)), _in(entry["labels"], english)))
    return made


def _scheme_fields(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The fields that are facets, by their keys, in the order of their schemes; of every scheme when no class is chosen."""
    branches = Q()
    for code in codes:
        branches |= Q(recordclass__code=code) | Q(recordclass__code__startswith=f"{code}·")
    schemes = MetadataScheme.objects.filter(branches).distinct().order_by("pk")
    listed = [
        entry for scheme in schemes for entry in scheme.fields if entry.get("facet") and not entry.get("personal")
    ]
    return {entry["key"]: entry for entry in reversed(listed)}


def _in(labels: Mapping[str, str], english: bool) -> str:
    return (labels.get("en") if english else None) or labels.get("zh", "")


def _as_written(name: str, key: Any) -> tuple[str, str]:
    """The value and the label of a key without a row of its own."""
    value = str(int(key)) if isinstance(key, float) else str(key)
    return value, labels.retention(value) if name == asking.RETENTION else value


def _choice(narrowed: Filter, value: str) -> str:
    return "only" if value in narrowed.only else "not" if value in narrowed.never else ""


def _order(name: str) -> Any:
    if name == asking.YEAR:
        return lambda value: (-int(value.value) if value.value.isdigit() else 0, value.value)
    if name == asking.LEVEL:
        return lambda value: value.value
    return lambda value: (-value.count, value.value)


def _labels(name: str, english: bool) -> dict[Any, tuple[str, str]]:
    """By key in the index: the value in addresses and the label on pages."""
    if name == asking.CLASS:
        rows = RecordClass.objects.order_by().values_list("id", "code", "labels")
        return {pk: (code, texts.get("en" if english else "zh") or texts.get("zh", code)) for pk, code, texts in rows}
    if name == asking.DEPARTMENT:
        present = DepartmentName.objects.filter(valid_until=None).values_list("department_id", "zh", "en")
        names = {pk: (en if english and en else zh) for pk, zh, en in present}
        return {pk: (key, names.get(pk, key)) for pk, key in Department.objects.order_by().values_list("id", "key")}
    if name == asking.STATE:
        return {"received": ("received", _("Received")), "archived": ("archived", _("Archived"))}
    if name == asking.LEVEL:
        return {level: (str(level), labels.level(level)) for level in range(4)}
    return {}
