"""``{{ row.median|span }}``: a length of time as people say it."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def hours(value: timedelta | None) -> str:
    """Hours and minutes, however many: a working day has no twenty-four of them."""
    if value is None:
        return "—"
    minutes = max(0, int(value.total_seconds() // 60))
    return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def span(value: timedelta | None) -> str:
    """Days and hours, or hours and minutes, or minutes; a dash for nothing."""
    if value is None:
        return "—"
    minutes = max(0, int(value.total_seconds() // 60))
    if minutes >= 1440:
        return _("%(days)d d %(hours)d h") % {"days": minutes // 1440, "hours": minutes % 1440 // 60}
    if minutes >= 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return _("%(minutes)d min") % {"minutes": minutes}
