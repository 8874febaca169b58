"""The calendar of working days: the holidays of a year and the days worked in exchange, as they are announced."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval.actions import due
from yidang.approval.models import WAITING, CalendarDay, Case
from yidang.approval.seating import may_set_watch
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed

SPAN_MOST = 31


def enter_days(
    first: date, last: date, *, worked: bool, note: str, actor: Actor, now: datetime
) -> int:  # fmt: skip
    """Enter the days of a holiday, or those worked in exchange; what waits falls due by the new calendar.

    :raises NotAllowed: the actor does not keep the calendar
    :raises InvalidInput: it ends before it begins, or is too long for a holiday
    """
    if not may_set_watch(actor):
        raise NotAllowed()
    if not first <= last < first + timedelta(days=SPAN_MOST):
        raise InvalidInput(
            _("Enter from 1 to %(most)d days, the first before the last.") % {"most": SPAN_MOST}, field="last"
        )
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    with transaction.atomic():
        for day in days:
            CalendarDay.objects.update_or_create(day=day, defaults={"worked": worked, "note": note.strip()[:60]})
        _changed(days, "worked" if worked else "free", actor, now)
    return len(days)


def clear_day(day: date, *, actor: Actor, now: datetime) -> None:
    """Take an entry away: the day is again what its place in the week says.

    :raises NotAllowed: the actor does not keep the calendar
    """
    if not may_set_watch(actor):
        raise NotAllowed()
    with transaction.atomic():
        if CalendarDay.objects.filter(day=day).delete()[0]:
            _changed([day], "usual", actor, now)


def entered(year: int) -> Sequence[CalendarDay]:
    """The entries of a year in their order."""
    return list(CalendarDay.objects.filter(day__year=year).order_by("day"))


def _changed(days: Sequence[date], become: str, actor: Actor, now: datetime) -> None:
    """Write it down, and count again until when the waiting cases are due."""
    for case in Case.objects.filter(state=WAITING, urgent=False).select_related("route"):
        Case.objects.filter(pk=case.pk).update(due_at=due(case.route.target_hours, False, case.opened_at))
    audit.write(
        "approval.calendar.changed", actor=actor, target_kind="calendar", target=str(days[0]), now=now,
        facts={"first": str(days[0]), "last": str(days[-1]), "become": become},
    )  # fmt: skip
