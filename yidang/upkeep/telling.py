"""The handful of numbers that say at a glance whether the program is well, each with its judgement in a word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yidang.continuity import measuring
from yidang.ui.templatetags.ui import thousands
from yidang.upkeep.health import Health
from yidang.upkeep.templatetags.upkeep import duration

INDEX_LATE, QUEUE_LATE = 60, 600
CERTIFICATE_SOON_DAYS, CERTIFICATE_LATE_DAYS = 30, 7
WITNESS_LATE = 900


@dataclass(frozen=True)
class Kpi:
    """One number: its label, the number, its state and that state's word."""

    label: str
    value: str
    kind: str
    word: str


def kpis(found: Health, now: datetime) -> Iterator[Kpi]:
    """Queue, index, copies, backup, drill, log, certificate."""
    yield from (_queue(found), _index(found), _copies(found), _backup(found, now), _drill(found, now), _log(found))
    yield _certificate(found, now)


def _judged(label: str, value: str, *, bad: bool = False, warn: bool = False, word: str = "") -> Kpi:
    kind = "bad" if bad else "warn" if warn else "ok"
    return Kpi(label, value, kind, word or (_("late") if bad or warn else pgettext("health", "well")))


def _queue(found: Health) -> Kpi:
    oldest = found.said.get("yidang_jobs_oldest_due_seconds", 0)
    aside = found.jobs.get("set_aside", 0)
    word = _("%(count)s set aside") % {"count": thousands(aside)} if aside else ""
    return _judged(_("Longest wait of a task"), duration(oldest), bad=oldest > QUEUE_LATE or bool(aside), word=word)


def _index(found: Health) -> Kpi:
    lag = found.said.get("yidang_index_lag_seconds")
    return _judged(_("Search behind"), duration(lag), bad=lag is None or lag > INDEX_LATE)


def _copies(found: Health) -> Kpi:
    behind = sum(site.behind for site in found.sites)
    answers = all(site.answers for site in found.sites)
    word = "" if answers else _("a site does not answer")
    return _judged(_("Copies behind"), thousands(behind), bad=not answers, warn=behind > 0, word=word)


def _backup(found: Health, now: datetime) -> Kpi:
    age, label = found.said.get("yidang_backup_age_seconds"), _("Since the last backup")
    if not settings.BACKUP:
        return _judged(label, duration(age), warn=True, word=_("no place named"))
    if found.said.get("yidang_backup_last_failed"):
        return _judged(label, duration(age), bad=True, word=_("the last one failed"))
    return _judged(label, duration(age), bad=measuring.backup_is_late(now))


def _drill(found: Health, now: datetime) -> Kpi:
    age, label = found.said.get("yidang_drill_age_seconds"), _("Since the last drill")
    if age is None:
        return _judged(label, duration(age), warn=True, word=_("never tried"))
    if not found.said.get("yidang_drill_well"):
        return _judged(label, duration(age), bad=True, word=_("did not come back whole"))
    return _judged(label, duration(age), warn=measuring.drill_is_late(now))


def _log(found: Health) -> Kpi:
    age = found.said.get("yidang_log_checkpoint_age_seconds")
    return _judged(_("Since the log was signed"), duration(age), warn=age is None or age > WITNESS_LATE)


def _certificate(found: Health, now: datetime) -> Kpi:
    ends, label = found.said.get("yidang_certificate_end_time_seconds"), _("Certificate ends in")
    if not settings.CERTIFICATE:
        return Kpi(label, "—", "plain", _("not named in settings"))
    if ends is None:
        return _judged(label, "—", bad=True, word=_("cannot be read"))
    left = ends - now.timestamp()
    days = left / 86_400
    return _judged(
        label, duration(max(left, 0)), bad=days < CERTIFICATE_LATE_DAYS, warn=days < CERTIFICATE_SOON_DAYS,
        word=_("ended") if left <= 0 else _("renew it") if days < CERTIFICATE_SOON_DAYS else "",
    )  # fmt: skip
