"""What a record's class and retention probably are, by rules that are data; a person may always say otherwise."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from yidang.catalogue.models import RecordClass, RetentionRule

RULES = Path(__file__).parent / "data" / "proposal_rules.yaml"
DEFAULT_CLASS = "WS"


@cache
def _rules() -> list[tuple[str, list[str]]]:
    rows = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [(row["class"], row["words"]) for row in rows]


def class_code(*, title: str, text: str, department_key: str) -> str:
    """The code of the class that most words of the title speak for; the text decides only where the title says nothing."""
    for source in (title, text[:2000]):
        scores = {code: sum(len(word) for word in words if word in source) for code, words in _rules()}
        best = max(scores, key=lambda code: scores[code])
        if scores[best] > 1:
            return best
    return DEFAULT_CLASS


def rules_for(record_class: RecordClass) -> list[RetentionRule]:
    """The rules of the schedule that a record of a class may fall under."""
    rules = RetentionRule.objects.filter(schedule__fonds=record_class.fonds_id)
    codes = [record_class.code]
    if record_class.parent is not None:
        codes.append(record_class.parent.code)
    # Rules that follow another record or its content say nothing about a period of their own.
    candidates = rules.filter(class_code__in=codes, kind__in=["permanent", "fixed", "event_plus"]).exclude(retention="")
    return list(candidates.only("key", "title", "retention"))


def best_rule(rules: Iterable[RetentionRule], *, title: str) -> RetentionRule | None:
    """The rule whose wording the title shares most with; nothing when it shares too little."""
    scored = [(_likeness(rule.title, title), rule) for rule in rules]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= 0.34 else None


def retention_rule(record_class: RecordClass, *, title: str) -> RetentionRule | None:
    """The rule of the schedule that fits a record's class and title."""
    return best_rule(rules_for(record_class), title=title)


def _likeness(rule: str, title: str) -> float:
    """The share of the rule's character pairs that the title has."""
    pairs = {rule[index : index + 2] for index in range(len(rule) - 1)}
    return sum(pair in title for pair in pairs) / len(pairs) if pairs else 0.0
