"""``{% load people %}``: labels of departments and duties."""

from typing import Any

from django import template

from yidang.people.models import Department
from yidang.people.queries import department_label as label_of
from yidang.people.roles import ROLES

register = template.Library()


@register.filter
def department_label(value: Department | None) -> str:
    """What a department is called today, in the reader's language."""
    return label_of(value)


@register.filter
def role_label(value: str) -> Any:
    """A duty's name."""
    return ROLES.get(value, value)


@register.filter
def steps(value: int) -> range:
    """Something to repeat so many times."""
    return range(int(value))
