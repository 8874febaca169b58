"""``{% load upkeep %}``: small charts of samples, and lengths of time in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()
WIDE, HIGH = 600, 100
MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.simple_tag
def spark(points: Sequence[tuple[datetime, float]], label: Any, top: float = 0) -> SafeString:
    """A line of samples over a filled ground, drawn from 0 to their greatest; ``label`` says it in words.

    It stretches to its box; numbers stand beside it in the page, where they can be read and copied.
    """
    if len(points) < 2:
        return format_html('<p class="dimmer sm">{}</p>', _("Not enough samples for a picture yet."))
    first, last = points[0][0].timestamp(), points[-1][0].timestamp()
    whole = max(top, *(value for _at, value in points), 1e-9)
    places = " ".join(
        f"{(at.timestamp() - first) / max(last - first, 1) * WIDE:.1f},{HIGH - value / whole * (HIGH - 4):.1f}"
        for at, value in points
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<line class="gridline" x1="0" x2="{w}" y1="{h}" y2="{h}"/><line class="gridline" x1="0" x2="{w}" y1="4" y2="4"/>'
        '<polygon class="ground" points="0,{h} {places} {w},{h}"/><polyline class="line" points="{places}"/></svg>',
        w=WIDE, h=HIGH, label=label, places=places,
    )  # fmt: skip


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as people say them: 40 seconds, 12 minutes, 5 hours, 3 days; a dash for nothing."""
    if seconds is None:
        return "—"
    for length, words in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= 2 * length:
            return _words(int(seconds // length), words)
    return _words(int(seconds), "second")


def _words(count: int, unit: str) -> str:
    said = {
        "day": ngettext("%(n)d day", "%(n)d days", count),
        "hour": ngettext("%(n)d hour", "%(n)d hours", count),
        "minute": ngettext("%(n)d minute", "%(n)d minutes", count),
        "second": ngettext("%(n)d second", "%(n)d seconds", count),
    }
    return said[unit] % {"n": count}
