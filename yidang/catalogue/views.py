"""The pages of the catalogue: the tree, the list of a class, the printed catalogue, the schedule, one description."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.catalogue import actions, forms, labels, policy, queries
from yidang.catalogue.actions.arrangement import arrange_year
from yidang.catalogue.actions.retention import APPROVED
from yidang.catalogue.actions.volumes import create_volume
from yidang.catalogue.models import Record, RecordClass, RetentionSchedule
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, YidangError
from yidang.ui.paging import page, page_of_request
from yidang.ui.tables import Column, Table
from yidang.ui.toasts import toast

PRINTED_MOST = 5000
# Beyond so many rows only the order of arrival has an index; one class and year hardly ever has more.
SORTED_MOST = 10_000


def _reader(request: HttpRequest) -> None:
    """The three administrators have no catalogue."""
    if not request.actor.is_signed_in or request.actor.is_administrator:
        raise NotFound()


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The tree of classes with what the reader sees in it, and the newest records."""
    _reader(request)
    visible, everything = queries.Visible(request.actor), queries.RecordFilter()
    records, strands = visible.listed(everything)
    newest = visible.page(records, lambda rows: page(rows, order_by=("-received_at", "-id"), limit=12, strands=strands))
    return render(request, "catalogue/home.html", {"tree": queries.tree_of(visible), "newest": newest})


def _class_of(code: str) -> RecordClass:
    found = RecordClass.objects.select_related("parent", "scheme", "fonds").filter(code=code, is_active=True).first()
    if found is None:
        raise NotFound()
    return found


def _table(request: HttpRequest, *, sortable: bool) -> Table:
    """The table of records; a list too long to be sorted by everything stands in the order of arrival."""

    def by(name: str) -> tuple[str, ...]:
        return (name,) if sortable else ()

    return Table(
        request,
        "records",
        [
            Column("code", _("Archival code"), lambda r: r.code or r.accession_number, sort=by("code")),
            Column("title", _("Title"), lambda r: r.title, html=_title, sort=by("title"), fixed=True),
            Column("document_number", _("Document number"), lambda r: r.document_number),
            Column("creator", _("Creator"), lambda r: r.creator),
            Column("date", _("Date"), lambda r: r.date, sort=by("date_first")),
            Column("department", _("Department"), lambda r: r.department.key if r.department else ""),
            Column("retention", _("Retention"), lambda r: labels.retention(r.retention)),
            Column("state", _("State"), lambda r: _("archived") if r.state == Record.ARCHIVED else _("received")),
            Column(
                "received",
                _("Received"),
                lambda r: localtime(r.received_at).strftime("%Y-%m-%d %H:%M"),
                sort=("received_at",),
            ),
        ],
        default="-received",
        title=lambda record: record.title,
        href=lambda record: reverse("access:record", args=[record.public_id]),
    )


def _title(record: Record) -> str:
    return format_html('<a class="b" href="{}">{}</a>', reverse("access:record", args=[record.public_id]), record.title)


@require_GET
def record_class(request: HttpRequest, code: str) -> HttpResponse:
    """The records of a class and all below it, as a table to work on; as a spreadsheet on request."""
    _reader(request)
    found = _class_of(code)
    year = request.GET.get("year", "")
    wanted = queries.RecordFilter(
        record_class=code, year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    )
    visible = queries.Visible(request.actor)
    records = visible.records(wanted)
    table = _table(request, sortable=visible.number_of(wanted) <= SORTED_MOST)
    rows, strands = visible.listed(wanted) if table.sorted_by[0].key == "received" else (records, None)
    listed = visible.page(rows, lambda asked: page_of_request(request, asked, order_by=table.order_by, strands=strands))
    if request.GET.get("as") == "xlsx":
        return table.as_spreadsheet(listed.items, code)
    provisional = (
        wanted.year is not None and found.numbering == RecordClass.YEARLY and request.actor.has_duty("archivist")
    )
    context = {
        "record_class": found,
        "page": listed,
        "table": table,
        "rows": table.rows(listed.items),
        "by_volume": found.arrangement == RecordClass.BY_VOLUME and request.actor.has_duty("archivist"),
        "year": wanted.year,
        "years": visible.years(code),
        "may_arrange": provisional and records.filter(code_state="provisional", record_class=found).exists(),
    }
    return render(request, "catalogue/class.html", context)


@require_GET
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """归档文件目录 (DA/T 22-2015 5.5.2) for filing on paper: what the reader sees of a class and a year."""
    _reader(request)
    found = _class_of(code)
    year = request.GET.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise NotFound()
    records = queries.records_visible_to(request.actor, queries.RecordFilter(record_class=code, year=int(year)))
    rows = list(records.prefetch_related("documents").order_by("code", "date_first", "id")[:PRINTED_MOST])
    context = {"record_class": found, "year": year, "rows": rows, "cut": len(rows) == PRINTED_MOST}
    return render(request, "catalogue/printed.html", context)


@require_POST
def arrangement(request: HttpRequest, code: str) -> HttpResponse:
    """The yearly arrangement: provisional codes of a class and year become final, in the order of date."""
    _reader(request)
    found = _class_of(code)
    year = request.POST.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise NotFound()
    count = arrange_year(found, int(year), actor=request.actor, now=clock.now())
    toast(
        request,
        ngettext("%(count)d code is final now.", "%(count)d codes are final now.", count) % {"count": count},
        "ok",
    )
    return HttpResponseRedirect(f"{reverse('catalogue:class', args=[code])}?year={year}")


@require_POST
def volumes(request: HttpRequest, code: str) -> HttpResponse:
    """Make a volume of the chosen items."""
    _reader(request)
    _class_of(code)
    chosen = [int(number) for number in request.POST.getlist("selected") if re.fullmatch(r"[0-9]{1,18}", number)]
    items = list(Record.objects.visible_to(request.actor).filter(pk__in=chosen))
    try:
        volume = create_volume(items, title=request.POST.get("title", ""), actor=request.actor, now=clock.now())
    except NotAllowed:
        raise
    except YidangError as error:
        toast(request, f"{error} {error.remedy}".strip(), "bad")
        return HttpResponseRedirect(reverse("catalogue:class", args=[code]))
    toast(request, _("The volume %(code)s holds %(count)d items.") % {"code": volume.code, "count": len(items)}, "ok")
    return HttpResponseRedirect(reverse("access:record", args=[volume.public_id]))


@require_GET
def schedule(request: HttpRequest) -> HttpResponse:
    """The retention schedule with its status and the basis of each row."""
    _reader(request)
    return _schedule_page(request, RetentionSchedule.objects.order_by("-id").first())


def _schedule_page(
    request: HttpRequest,
    found: RetentionSchedule | None,
    *,
    error: YidangError | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    context = {
        "schedule": found,
        "rules": found.rules.all() if found else [],
        "may_approve": found is not None and found.status != APPROVED and request.actor.has_duty("archivist"),
        "error": error,
        "typed": typed or {},
    }
    return render(request, "catalogue/schedule.html", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def description(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Improve a record's description; what is locked is shown but not offered."""
    record = policy.require(public_id, actor=request.actor, action="describe")
    locked = record.state == Record.ARCHIVED
    error = None
    if request.method == "POST":
        typed = forms.typed_values(request.POST.dict(), locked=locked)
        try:
            actions.describe_record(record, typed, actor=request.actor, now=clock.now())
        except NotAllowed:
            raise
        except YidangError as refusal:
            error = refusal
            for name, value in typed.items():  # what was typed stays in the form; the record is not saved
                setattr(record, name, value)
        else:
            toast(request, _("The description is kept."), "ok")
            return HttpResponseRedirect(reverse("access:record", args=[public_id]))
    faults = error.details.get("errors", []) if error else []
    lines = forms.scheme_lines(
        record, metadata=record.metadata, language=get_language() or "zh-hans",
        errors={fault["field"]: f"{fault['reason']} {fault['remedy']}" for fault in faults},
    )  # fmt: skip
    context = {"record": record, "locked": locked, "error": error, "faults": faults[1:], "lines": lines}
    return render(request, "catalogue/description.html", context, status=422 if error else 200)


@require_POST
def approval(request: HttpRequest) -> HttpResponse:
    """Enter that the authority approved the schedule."""
    _reader(request)
    newest = RetentionSchedule.objects.order_by("-id").first()
    if newest is None:
        raise NotFound()
    typed = {name: request.POST.get(name, "") for name in ("approved_on", "approval")}
    try:
        actions.approve_schedule(newest, **typed, actor=request.actor, now=clock.now())
    except InvalidInput as error:
        return _schedule_page(request, newest, error=error, typed=typed)
    toast(request, _("The schedule is in force as approved."), "ok")
    return HttpResponseRedirect(reverse("catalogue:schedule"))


@require_GET
def scheme(request: HttpRequest, code: str) -> HttpResponse:
    """The fields that describe the records of a class, with their rules and the elements of the standard they fill."""
    _reader(request)
    found = _class_of(code)
    return render(request, "catalogue/scheme.html", {"record_class": found, "scheme": found.scheme})
