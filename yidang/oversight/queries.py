"""Alarms as a list, a picture and a number."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from yidang.audit.events import label
from yidang.catalogue.models import RecordClass
from yidang.common.actor import Actor
from yidang.oversight.hours import hour_of
from yidang.oversight.models import Alarm
from yidang.oversight.probing import refused_by_hour
from yidang.oversight.rules import records_by_hour
from yidang.people.policy import administers

RULES = {
    "many": _("Many records within an hour"),
    "night": _("An unusual night"),
    "kin": _("Perhaps their own people's records"),
    "left": _("After the last day of work"),
    "refused": _("Reached for what was refused"),
}
SIGNS = {
    "registered": _("named as the patient's relative"),
    "same_name": _("the same name as the patient"),
    "rare_surname": _("the same rare surname"),
}
BECAUSE = {
    "duty.archivist": _("keeps this branch"),
    "duty.records_clerk": _("keeps the medical records"),
    "class.hospital": _("open to everyone in the hospital"),
    "class.department": _("made by their department"),
    "care": _("treats the patient"),
    "emergency": _("emergency access"),
    "grant": _("a permission"),
}
VERDICTS = {"explained": _("explained"), "misuse": _("misuse")}


def open_alarms(actor: Actor) -> int:
    """How many alarms wait for the security administrator."""
    return Alarm.objects.filter(closed_at=None).count() if administers(actor) else 0


@dataclass(frozen=True)
class Bar:
    """One hour of the picture; places and sizes in the picture's own units."""

    label: str
    records: int
    x: int
    y: float
    height: float
    over: bool


@dataclass(frozen=True)
class Picture:
    """The hours before an alarm's last opening as bars, and the limit as a line."""

    bars: list[Bar]
    limit_y: float
    most: int

    WIDTH, HEIGHT, STEP = 24 * 28, 120, 28


def picture_of(alarm: Alarm) -> Picture:
    """Records opened, or things refused, in each of the 24 hours that end with the alarm's last one."""
    last = hour_of(alarm.last_at)
    hours = [last - timedelta(hours=back) for back in range(23, -1, -1)]
    by_hour = refused_by_hour if alarm.rule == Alarm.Rule.REFUSED else records_by_hour
    counts = by_hour(alarm.user, since=hours[0], until=last + timedelta(hours=1))
    most = max([alarm.limit, *counts.values(), 1])
    scale = (Picture.HEIGHT - 16) / most
    bars = []
    for place, hour in enumerate(hours):
        count = counts.get(hour, 0)
        height = round(count * scale, 1)
        bars.append(
            Bar(
                f"{localtime(hour):%H}", count, place * Picture.STEP, Picture.HEIGHT - height, height,
                over=count > 0 and alarm.began_at < hour + timedelta(hours=1),
            )
        )  # fmt: skip
    return Picture(bars, round(Picture.HEIGHT - alarm.limit * scale, 1), most)


def evidence_in_words(alarm: Alarm, *, language: str) -> list[tuple[Any, list[tuple[str, int]]]]:
    """The evidence by kind: classes by name, why it was allowed, from where, which signs."""
    said = alarm.evidence
    names = {
        row.code: row.label(language) for row in RecordClass.objects.filter(code__in=list(said.get("classes", {})))
    }
    tables: list[tuple[Any, list[tuple[str, int]]]] = [
        (_("Classes"), [(names.get(code, code), count) for code, count in said.get("classes", {}).items()]),
        (
            _("Why it was allowed"),
            [(str(BECAUSE.get(why, why)), count) for why, count in said.get("because", {}).items()],
        ),
        (_("What was refused"), [(label(event), count) for event, count in said.get("asked", {}).items()]),
        (_("From where"), list(said.get("addresses", {}).items())),
        (_("Signs"), [(str(SIGNS.get(sign, sign)), count) for sign, count in said.get("signs", {}).items()]),
    ]
    return [(label, rows) for label, rows in tables if rows]
