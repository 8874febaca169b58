"""What duties reach, as a table for a page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yidang.catalogue.models import RecordClass
from yidang.oversight.models import ReachFigure
from yidang.oversight.numbers import COUNTED, holders
from yidang.people.roles import ROLES


@dataclass(frozen=True)
class Cell:
    """How many of a branch are reached, and how much of all that is kept there."""

    branch: str
    count: int
    percent: float


@dataclass(frozen=True)
class Line:
    """One duty: who holds it, and what they reach together."""

    holder: str
    label: str
    people: int | None
    cells: Sequence[Cell]
    total: Cell


@dataclass(frozen=True)
class ReachTable:
    """Duties by the branches of the classification scheme; for one branch its classes."""

    branches: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    counted_at: datetime | None


def reach_table(action: str, *, branch: str = "", language: str, now: datetime) -> ReachTable:
    """The figures as they were last counted.

    :param action: one of ``see view print copy``
    :param branch: empty for the top of the tree, or the code of a class whose classes are told
    """
    labels = {row.code: row.label(language) for row in RecordClass.objects.order_by("position", "code")}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counted = None
    for row in ReachFigure.objects.select_related("record_class"):
        counted = row.counted_at
        place = _place(row.record_class.code, branch)
        if place:
            counts[row.holder][place] += getattr(row, action if action in COUNTED else "view")
    every = counts.pop(ReachFigure.EVERYTHING, {})
    shown = [(code, labels[code]) for code in labels if every.get(code)]
    names: dict[str, str] = {key: str(label) for key, label in ROLES.items()}
    names[ReachFigure.GRANTS] = _("Permissions for single records")
    lines = [
        Line(
            holder, name, len(list(holders(holder, now))) if holder in ROLES else None,
            [_cell(code, counts[holder].get(code, 0), every[code]) for code, _label in shown],
            _cell("", sum(counts[holder].values()), sum(every.values())),
        )
        for holder, name in names.items()
    ]  # fmt: skip
    return ReachTable(shown, lines, counted)


def _place(code: str, branch: str) -> str:
    """The column that a class is counted in: its branch at the top, or the class below the chosen one."""
    if not branch:
        return code.split("·")[0]
    if code == branch:
        return code
    if not code.startswith(f"{branch}·"):
        return ""
    return "·".join(code.split("·")[: branch.count("·") + 2])


def _cell(branch: str, count: int, of: int) -> Cell:
    return Cell(branch, count, 100 * count / of if of else 0)
