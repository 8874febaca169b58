"""Questions about many people and departments, for pages."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import get_language

from yidang.people.departments import department_name
from yidang.people.models import Department, DepartmentName


@dataclass(frozen=True)
class Branch:
    """One line of the tree."""

    department: Department
    label: str
    depth: int
    people: int
    former: tuple[str, ...]


def department_label(department: Department | None) -> str:
    """What a department is called today in the reader's language."""
    return department_name(department, language=get_language() or "zh-hans") if department else ""


def department_tree() -> list[Branch]:
    """Every department below the one it hangs under, with how many work there and what it was called before."""
    names: dict[int, list[DepartmentName]] = defaultdict(list)
    for name in DepartmentName.objects.order_by("valid_from"):
        names[name.department_id].append(name)
    children: dict[int | None, list[Any]] = defaultdict(list)
    counted = Department.objects.annotate(at_work=Count("people", filter=Q(people__is_active=True)))
    for department in counted.order_by("position", "key"):
        children[department.parent_id].append(department)
    english = get_language() == "en"
    branches: list[Branch] = []
    waiting = [(top, 0) for top in reversed(children[None])]
    while waiting:
        branch, depth = waiting.pop()
        called = {name.valid_until is None: name for name in names[branch.pk]}
        today = called.get(True)
        label = (today.en if english and today.en else today.zh) if today else branch.key
        former = tuple(name.zh for name in names[branch.pk] if name.valid_until is not None)
        branches.append(Branch(branch, label, depth, branch.at_work, former))
        waiting += [(child, depth + 1) for child in reversed(children[branch.pk])]
    return branches
