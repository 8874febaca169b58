"""The register as lists and figures; every number counts what its list shows to the same reader."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractMonth
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yidang.access.models import Certificate, FurtherDocument, Printout
from yidang.access.purposes import PURPOSES, purpose_label
from yidang.access.use_models import Use
from yidang.catalogue.models import Record, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput

KINDS = {
    "screen": gettext_lazy("On screen"),
    "print": gettext_lazy("Printed"),
    "original": gettext_lazy("Original as a file"),
    "pages": gettext_lazy("Single pages as a file"),
    "emergency": gettext_lazy("Emergency"),
    "counter": gettext_lazy("At the counter"),
    "phone": gettext_lazy("By phone"),
    "remote": gettext_lazy("From afar"),
}
RESULTS = {
    "waiting": gettext_lazy("Waits for an answer"),
    "given": gettext_lazy("Given"),
    "partly": gettext_lazy("Given in part"),
    "nothing": gettext_lazy("Nothing found"),
    "refused": gettext_lazy("Not given"),
}
FILTERS = ("kind", "purpose", "result", "class", "record", "since", "until", "paper", "who", "visitor")


def register(actor: Actor, asked: dict[str, str]) -> QuerySet[Use]:
    """The uses that the reader may know of, narrowed.

    :param asked: values of :data:`FILTERS`; empty ones do not narrow
    :raises InvalidInput: a day is no day
    """
    rows: QuerySet[Use] = Use.objects.visible_to(actor).select_related(
        "record__record_class", "user", "registered_by", "reader"
    )
    for name in ("kind", "purpose", "result"):
        if asked.get(name):
            rows = rows.filter(**{name: asked[name]})
    if asked.get("class"):
        rows = rows.filter(record__record_class__code=asked["class"])
    if asked.get("record"):
        rows = rows.filter(record__code=asked["record"]) | rows.filter(record__accession_number=asked["record"])
    if asked.get("paper"):
        wanted = {"borrowed": True} if asked["paper"] == "borrowed" else {"paper": asked["paper"] == "yes"}
        rows = rows.filter(**wanted)
    if asked.get("visitor"):
        rows = rows.filter(visitor=asked["visitor"])
    if asked.get("who"):
        rows = rows.filter(_who(asked["who"]))
    if asked.get("since"):
        rows = rows.filter(day__gte=_day(asked["since"], "since"))
    if asked.get("until"):
        rows = rows.filter(day__lte=_day(asked["until"], "until"))
    return rows


def _who(told: str) -> Q:
    """Uses by a name, a unit, an account or the whole number of a card."""
    readers = Q(reader__name__icontains=told) | Q(reader__unit__icontains=told) | Q(reader__id_number=told.upper())
    return readers | Q(user__display_name__icontains=told) | Q(user__username__iexact=told)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(_("Write the day as 2026-03-05."), field=field, code="bad_day") from None


def waiting_calls(actor: Actor) -> int:
    """How many calls and questions wait for this person's counter."""
    # Mostly none waits for anybody: asked first, because whose they are is dear to ask on every page.
    if not Use.objects.filter(result=Use.Result.WAITING).exists():
        return 0
    return int(Use.objects.visible_to(actor).filter(result=Use.Result.WAITING).count())


@dataclass(frozen=True)
class Number:
    """A figure with the list that it counts."""

    label: str
    count: int
    href: str


@dataclass(frozen=True)
class Year:
    """What the yearly report asks of one year."""

    year: int
    uses: Number
    visits: int
    persons: int
    records: int
    volumes: int
    items: int
    copied: int
    borrowed: Number
    without_paper: float | None
    paper: Number
    seconds: int | None
    purposes: list[Number]
    kinds: list[Number]
    months: list[Number]
    classes: list[Number]


def year_figures(actor: Actor, year: int, address: str) -> Year:
    """The year's uses by purpose, kind, month and class, with persons, records and the share served without paper."""
    rows = Use.objects.visible_to(actor).filter(day__gte=date(year, 1, 1), day__lte=date(year, 12, 31))
    period = {"since": f"{year}-01-01", "until": f"{year}-12-31"}

    def link(**narrowed: str) -> str:
        return f"{address}?{urlencode({**period, **narrowed})}"

    def grouped(field: str) -> dict[Any, int]:
        return dict(rows.values_list(field).annotate(n=Count("id")).order_by())

    served = rows.filter(result__in=[Use.Result.GIVEN, Use.Result.PARTLY])
    all_served, with_paper = served.count(), served.filter(paper=True).count()
    classes = {row.code: row for row in RecordClass.objects.all()}
    kinds, purposes = grouped("kind"), grouped("purpose")
    months = dict(rows.annotate(month=ExtractMonth("day")).values_list("month").annotate(n=Count("id")).order_by())
    by_class = {code: count for code, count in grouped("record__record_class__code").items() if code}
    hand = sorted(value or 0 for value in rows.exclude(seconds=None).values_list("seconds", flat=True)[:10_000])
    return Year(
        year=year,
        uses=Number(_("Uses"), rows.count(), link()),
        visits=rows.values("visitor", "day").distinct().count(),
        persons=rows.values("visitor").distinct().count(),
        records=rows.exclude(record=None).values("record_id").distinct().count(),
        volumes=served.filter(record__kind=Record.VOLUME).count(),
        items=served.filter(record__kind=Record.ITEM).count(),
        copied=_copied(actor, year),
        borrowed=Number(_("Originals borrowed"), rows.filter(borrowed=True).count(), link(paper="borrowed")),
        without_paper=100 * (all_served - with_paper) / all_served if all_served else None,
        paper=Number(_("With the paper original"), rows.filter(paper=True).count(), link(paper="yes")),
        seconds=hand[len(hand) // 2] if hand else None,
        purposes=[Number(purpose_label(key), purposes[key], link(purpose=key)) for key in PURPOSES if key in purposes],
        kinds=[Number(str(label), kinds[key], link(kind=key)) for key, label in KINDS.items() if key in kinds],
        months=[_month(year, month, months[month], address) for month in sorted(months)],
        classes=[
            Number(f"{code} {classes[code].label(get_language() or 'zh-hans')}", count, link(**{"class": code}))
            for code, count in sorted(by_class.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
    )


def _copied(actor: Actor, year: int) -> int:
    """Pages that were copied in a year, of the records that the reader keeps or used: prints times their copies, and
    certified copies as often as they were printed."""
    zone = get_current_timezone()
    since, until = (datetime(one, 1, 1, tzinfo=zone) for one in (year, year + 1))
    mine = Use.objects.visible_to(actor).filter(day__year=year).exclude(record=None).values("record_id")
    prints = Printout.objects.filter(made_at__gte=since, made_at__lt=until, opening__record_id__in=mine)
    certified = Certificate.objects.filter(issued_at__gte=since, issued_at__lt=until, record_id__in=mine)
    further = FurtherDocument.objects.filter(certificate__in=certified)
    pages = sum(len(one) * copies for one, copies in prints.values_list("opening__pages", "copies").iterator())
    return pages + sum(
        len(one) * max(printed, 1)
        for rows in (certified.values_list("pages", "printed"), further.values_list("pages", "certificate__printed"))
        for one, printed in rows.iterator()
    )


def _month(year: int, month: int, count: int, address: str) -> Number:
    last = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
    period = {"since": f"{year}-{month:02d}-01", "until": date.fromordinal(last).isoformat()}
    return Number(f"{year}-{month:02d}", count, f"{address}?{urlencode(period)}")
