"""Questions about the tree of departments: who is below whom, who came before whom, what it was called when."""

from collections import defaultdict
from datetime import date

from django.db.models import Q

from yidang.common import prepared
from yidang.people.models import Department, DepartmentName, DepartmentSuccession


def departments_reached_from(department_id: int) -> frozenset[int]:
    """The department, all below it, and every forerunner whose work one of these took over.

    A department renamed or merged therefore still reaches what it made under its old name.
    """
    children: dict[int, list[int]] = defaultdict(list)
    below = prepared.rows(
        "people.below", lambda: Department.objects.exclude(parent=None).values_list("id", "parent_id")
    )
    for child, parent in below:
        children[parent].append(child)
    forerunners: dict[int, list[int]] = defaultdict(list)
    for before, after in prepared.rows(
        "people.forerunners", lambda: DepartmentSuccession.objects.values_list("predecessor_id", "successor_id")
    ):
        forerunners[after].append(before)
    reached: set[int] = set()
    waiting = [department_id]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += children[current] + forerunners[current]
    return frozenset(reached)


def department_name(department: Department, *, on: date | None = None, language: str = "zh-hans") -> str:
    """What the department is called today, or was called on a day."""
    names = DepartmentName.objects.filter(department=department)
    if on is None:
        name = names.filter(valid_until=None).first()
    else:
        name = names.filter(
            Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_until=None) | Q(valid_until__gte=on)
        ).first()
    if name is None:
        return department.key
    return name.en if language == "en" and name.en else name.zh
