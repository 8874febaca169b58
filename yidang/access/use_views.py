"""利用登记: the register with its export, the counter's form, one use, and the year's figures."""

from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang import audit
from yidang.access import identity_check, use_queries, uses
from yidang.access.card import read_card
from yidang.access.identity import covered
from yidang.access.purposes import PURPOSES, purpose_label
from yidang.access.rights import why_allowed
from yidang.access.use_models import Use
from yidang.catalogue.models import RecordClass
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, Unavailable, WrongState
from yidang.ui.paging import page_of_request
from yidang.ui.spreadsheets import Column, comma_separated, spreadsheet
from yidang.ui.toasts import toast

EXPORT_MOST = 50_000
_BEGAN = "yidang.access.counter"


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The uses that the reader may know of; as a spreadsheet when asked."""
    asked = {name: request.GET.get(name, "").strip()[:100] for name in use_queries.FILTERS}
    error: InvalidInput | None = None
    try:
        rows = use_queries.register(request.actor, asked)
    except InvalidInput as refused:
        error, rows = refused, Use.objects.none()
    form = request.GET.get("as", "")
    if form in {"xlsx", "csv"} and error is None:
        return _export(request, rows, asked, form)
    page = page_of_request(request, rows, order_by=("-at", "-id"))
    context = {
        "page": page, "rows": [shown(use) for use in page.items], "asked": asked, "error": error,
        "kinds": use_queries.KINDS, "purposes": PURPOSES, "results": use_queries.RESULTS, "tab": "register",
        "classes": RecordClass.objects.order_by("code"), "may_register": uses.may_register(request.actor),
    }  # fmt: skip
    return render(request, "access/uses.html", context, status=422 if error else 200)


def shown(use: Use) -> dict[str, object]:
    """A use with its words; the card's number with its middle covered."""
    reader = getattr(use, "reader", None)
    number = covered(reader.id_number) if reader and reader.id_number else ""
    return {
        "use": use,
        "who": use.user.display_name or use.user.username if use.user else (reader.name if reader else "") or number,
        "number": number if reader and reader.name else "",
        "unit": reader.unit if reader else "",
        "contact": reader.contact if reader else "",
        "address": reader.address if reader else "",
        "checked": identity_check.WORDS[reader.checked] if reader and reader.checked else None,
        "kind": use_queries.KINDS[use.kind],
        "purpose": purpose_label(use.purpose),
        "result": use_queries.RESULTS[use.result],
        "what": use.record.title if use.record else use.asked,
        "why": why_allowed(use.why) if use.why else use.asked,
    }


def _export(request: HttpRequest, rows: "object", asked: dict[str, str], form: str) -> HttpResponse:
    found = [shown(use) for use in rows.order_by("-at", "-id")[:EXPORT_MOST]]  # type: ignore[attr-defined]
    with transaction.atomic():
        audit.write(
            "access.register.exported", actor=request.actor, now=clock.now(),
            facts={"form": form, "rows": len(found), **{key: value for key, value in asked.items() if value and key != "who"}},
            personal={"who": asked["who"]} if asked["who"] else {},
        )  # fmt: skip
    columns = [
        Column(_("When"), lambda row: localtime(row["use"].at)),
        Column(_("How"), lambda row: str(row["kind"])),
        Column(_("Who"), lambda row: row["who"]),
        Column(_("Number of the card"), lambda row: row["number"]),
        Column(_("Unit"), lambda row: row["unit"]),
        Column(_("Purpose"), lambda row: row["purpose"]),
        Column(_("Archival code"), lambda row: row["use"].record.code or row["use"].record.accession_number if row["use"].record else ""),
        Column(_("What was used"), lambda row: row["what"], 40),
        Column(_("Result"), lambda row: str(row["result"])),
        Column(_("Paper original"), lambda row: row["use"].paper),
        Column(_("Why it left"), lambda row: row["use"].paper_reason, 30),
    ]  # fmt: skip
    name = _("Use register")
    return spreadsheet(name, columns, found) if form == "xlsx" else comma_separated(name, columns, found)


@require_http_methods(["GET", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """The form of the counter and the telephone: a card is read, a code, two choices, Enter."""
    if not uses.may_register(request.actor):
        raise NotAllowed()
    refusal: InvalidInput | None = None
    began = request.POST.get("began", "") or signing.dumps(clock.now().timestamp(), salt=_BEGAN)
    if request.method == "POST":
        try:
            use = _registered(request)
            toast(request, _told(use))
            if use.request is not None:
                toast(
                    request, _("%(number)s was sent; its signatures answer the call.") % {"number": use.request.number}
                )
            return redirect(f"{reverse('access:counter')}?kind={use.kind}")
        except InvalidInput as refused:
            refusal = refused
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    latest = Use.objects.visible_to(request.actor).filter(registered_by_id=request.actor.user_id)
    context = {
        "typed": request.POST or {"record": request.GET.get("record", "")[:120]}, "refusal": refusal, "began": began,
        "kind": kind if kind in uses.BY_HAND else "counter", "kinds": {key: use_queries.KINDS[key] for key in uses.BY_HAND},
        "purposes": PURPOSES, "results": use_queries.RESULTS, "tab": "counter", "may_register": True,
        "checks": identity_check.is_set_up(),
        "latest": [shown(use) for use in latest.select_related("record", "user", "reader").order_by("-at", "-id")[:8]],
    }  # fmt: skip
    return render(request, "access/counter.html", context, status=422 if refusal else 200)


@require_POST
def card(request: HttpRequest) -> JsonResponse:
    """What a card reader typed, shared out to the fields; nothing of it is kept before the use is registered."""
    if not uses.may_register(request.actor):
        raise NotAllowed()
    read = read_card(request.POST.get("card", "")[:500])
    return JsonResponse({"number": read.number, "name": read.name, "address": read.address} if read else {})


@require_POST
def check_identity(request: HttpRequest) -> JsonResponse:
    """Ask the authority whether name and number belong together; a refusal comes as a sentence beside the fields."""
    if not uses.may_register(request.actor):
        raise NotAllowed()
    said = request.POST
    try:
        told = identity_check.check(
            said.get("name", ""), said.get("id_number", "")[:40], actor=request.actor, now=clock.now()
        )
    except (InvalidInput, WrongState, Unavailable) as refused:
        return JsonResponse({"kind": "warn", "word": f"{refused} {refused.remedy}".strip()})
    kind, word = identity_check.WORDS[told.verdict]
    return JsonResponse({"kind": kind, "word": str(word), "ticket": told.ticket})


def _registered(request: HttpRequest) -> Use:
    said = request.POST
    kind = said.get("kind", "")
    return uses.register_use(
        kind, purpose=said.get("purpose", ""), record=said.get("record", ""), asked=said.get("asked", "")[:300],
        came=uses.Came(said.get("name", ""), said.get("id_number", "")[:500], said.get("unit", ""), said.get("contact", ""),
            said.get("address", ""), said.get("checked", "")[:600],
        ),
        result=said.get("result", ""), paper=said.get("paper") == "yes", paper_reason=said.get("paper_reason", ""),
        borrowed=said.get("borrowed") == "yes", under=said.get("under", "")[:20], account=said.get("account", "")[:60],
        seconds=_seconds(said.get("began", "")), actor=request.actor, now=clock.now(),
    )  # fmt: skip


def _seconds(began: str) -> int | None:
    """Seconds since the form was shown; nothing when that is not known or it lay open."""
    try:
        passed = clock.now().timestamp() - float(signing.loads(began, salt=_BEGAN))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return round(passed) if 0 <= passed < 1800 else None


def _told(use: Use) -> str:
    if use.seconds is None:
        return _("Registered.")
    return ngettext("Registered in %(n)d second.", "Registered in %(n)d seconds.", use.seconds) % {"n": use.seconds}


@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One use; a call that waits is answered here."""
    rows = Use.objects.visible_to(request.actor).select_related("record", "user", "registered_by", "reader")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    refusal: InvalidInput | WrongState | None = None
    if request.method == "POST":
        said = request.POST
        try:
            uses.answer_use(
                found, result=said.get("result", ""), answer=said.get("answer", ""), record=said.get("record", ""),
                paper=said.get("paper") == "yes", paper_reason=said.get("paper_reason", ""), actor=request.actor,
                borrowed=said.get("borrowed") == "yes", under=said.get("under", "")[:20], now=clock.now(),
            )  # fmt: skip
            toast(request, _("Answered and registered."))
            return redirect("access:use", found.public_id)
        except (InvalidInput, WrongState) as refused:
            refusal = refused
    context = {
        "row": shown(found), "use": found, "refusal": refusal, "typed": request.POST, "results": use_queries.RESULTS,
        "may_register": uses.may_register(request.actor), "tab": "register",
        "may_correct": uses.may_correct(request.actor, found),
        "visits": Use.objects.visible_to(request.actor).filter(visitor=found.visitor).count(),
    }  # fmt: skip
    return render(request, "access/use.html", context, status=422 if refusal else 200)


@require_POST
def correct(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put right who came."""
    found = Use.objects.visible_to(request.actor).select_related("reader").filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    said = request.POST
    came = uses.Came(*(said.get(name, "") for name in ("name", "id_number", "unit", "contact", "address")))
    try:
        uses.correct_reader(found, came, actor=request.actor, now=clock.now())
        toast(request, _("What is known of the reader is put right."), "ok")
    except InvalidInput as refused:
        toast(request, f"{refused} {refused.remedy}".strip(), "bad")
    return redirect("access:use", found.public_id)


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """What the yearly report asks of one year."""
    if not uses.may_register(request.actor):
        raise NotAllowed()
    text, this_year = request.GET.get("year", ""), localtime(clock.now()).year
    year = int(text) if text.isascii() and text.isdigit() and 1950 <= int(text) <= 2200 else this_year
    figures = use_queries.year_figures(request.actor, year, reverse("access:uses"))
    context = {
        "figures": figures, "years": range(this_year, this_year - 10, -1), "tab": "statistics", "may_register": True,
        "tables": [
            (_("By purpose"), _("Purpose"), figures.purposes), (_("By way"), _("How"), figures.kinds),
            (_("By month"), _("Month"), figures.months), (_("By class"), _("Class"), figures.classes),
        ],
    }  # fmt: skip
    return render(request, "access/use_statistics.html", context)
