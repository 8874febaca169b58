"""Which test shows which requirement, promise or rule of the seed data."""

import json
from pathlib import Path

import pytest

KINDS = ("gbt39784", "promise", "seed_rule")


def collect(items: list[pytest.Item]) -> dict[str, dict[str, list[str]]]:
    """By kind and id, the tests that carry the mark; parameters of one test count once."""
    found: dict[str, dict[str, set[str]]] = {kind: {} for kind in KINDS}
    for item in items:
        name = item.nodeid.partition("[")[0]
        for kind in KINDS:
            for mark in item.iter_markers(kind):
                for identifier in mark.args:
                    found[kind].setdefault(str(identifier).removeprefix("GBT39784-"), set()).add(name)
    return {kind: {key: sorted(names) for key, names in sorted(ids.items())} for kind, ids in found.items()}


def write(path: str, items: list[pytest.Item]) -> None:
    """Write them as JSON."""
    Path(path).write_text(json.dumps(collect(items), ensure_ascii=False), encoding="utf-8")
