"""利用申请: the form, my requests, one request, the basket, and my permissions with what is left of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.access import basket, requests
from yidang.access import request_queries as queries
from yidang.access.purposes import BASES, PURPOSES, basis_label, purpose_label
from yidang.access.request_models import AccessRequest
from yidang.access.request_subject import action_labels, in_words, limits_asked
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, YidangError
from yidang.permissions import actions as grants
from yidang.permissions.models import Grant
from yidang.permissions.records import public_ids
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

STATES = {
    "granted": ("ok", gettext_lazy("granted")), "waiting": ("wait", gettext_lazy("waits for signatures")), "refused": ("bad", gettext_lazy("refused")),
    "returned": ("warn", gettext_lazy("returned for a supplement")), "withdrawn": ("plain", gettext_lazy("withdrawn")),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form: from a record, from the basket, or from a list of codes."""
    if not requests.may_ask(request.actor):
        raise NotAllowed()
    refusal: YidangError | None = None
    if request.method == "POST":
        try:
            made = requests.ask(_asked(request), actor=request.actor, now=clock.now())
        except YidangError as refused:
            refusal = refused
        else:
            basket.empty(request)
            toast(request, _("%(number)s was sent.") % {"number": made.number})
            return redirect("access:request", made.public_id)
    earlier = _earlier(request)
    names = request.POST.get("records", "").split() or _named_by_address(request, earlier)
    return _form(request, names, refusal, None, queries.said_before(earlier) if earlier else None)


@require_http_methods(["GET", "POST"])
def supplement(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say more after it was returned, and send it again."""
    actor, now = request.actor, clock.now()
    found = queries.readable(public_id, actor=actor, now=now)
    if found.asker_id != actor.user_id:
        raise NotFound()
    refusal: YidangError | None = None
    if request.method == "POST":
        try:
            requests.supplement(found, _asked(request), actor=actor, now=now)
        except YidangError as refused:
            refusal = refused
        else:
            toast(request, _("%(number)s was sent again.") % {"number": found.number})
            return redirect("access:request", public_id)
    names = request.POST.get("records", "").split() or [row.named for row in found.records.all()]
    return _form(request, names, refusal, found)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """My requests, the newest first."""
    if not requests.may_ask(request.actor):
        raise NotAllowed()
    rows = AccessRequest.objects.of(request.actor).select_related("case").prefetch_related("records")
    page = page_of_request(request, rows, order_by=("-asked_at", "-id"))
    now = clock.now()
    return render(
        request,
        "access/requests.html",
        {"page": page, "rows": [listed(one, now) for one in page.items], "tab": "requests"},
    )


def listed(one: AccessRequest, now: datetime) -> dict[str, Any]:
    """A request in a list, with its words."""
    kind, word = STATES[one.state]
    return {
        "asked": one, "kind": kind, "word": word, "purpose": purpose_label(one.purpose),
        "actions": in_words(one.actions), "amount": len(one.records.all()),
        "overdue": one.state == "waiting" and one.case and one.case.due_at and one.case.due_at < now,
    }  # fmt: skip


@require_GET
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One request, for who asked; a signer is sent to the decision screen."""
    actor, now = request.actor, clock.now()
    found = queries.readable(public_id, actor=actor, now=now)
    if found.asker_id != actor.user_id and found.case is not None:
        return redirect("approval:case", found.case.public_id)
    rows = queries.records_of(found, actor)
    held = queries.held([row.row.grant for row in rows if row.row.grant], actor, now)
    context = {
        **listed(found, now), "rows": rows, "steps": queries.steps_for(found, actor, rows), "held": held,
        "basis": basis_label(found.basis), "case": found.case, "limited": limits_asked(found),
        "blind": any(row.record is None for row in rows), "tab": "requests",
    }  # fmt: skip
    return render(request, "access/request.html", context)


@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """No longer needed."""
    actor, now = request.actor, clock.now()
    requests.withdraw(queries.readable(public_id, actor=actor, now=now), actor=actor, now=now)
    return redirect("access:request", public_id)


@require_POST
def gather(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Into the basket."""
    record = policy.require(public_id, actor=request.actor, action="see")
    if basket.put(request, record.public_id):
        toast(request, _("In the basket: %(count)d.") % {"count": len(basket.gathered(request))})
    else:
        toast(request, _("The basket is full; ask for what is in it first."), "warn")
    return redirect("access:record", public_id)


@require_GET
def my_grants(request: HttpRequest) -> HttpResponse:
    """My permissions with what is left of them; those that end first on top, ended ones below."""
    actor, now = request.actor, clock.now()
    if not requests.may_ask(actor):
        raise NotAllowed()
    page = page_of_request(request, queries.grants_of(actor), order_by=("-until", "-id"))
    held = queries.held(page.items, actor, now)
    rows = [(one, one.grant.until - now, in_words(one.actions)) for one in held]
    return render(request, "access/grants.html", {"page": page, "rows": rows, "tab": "grants", "now": now})


@require_POST
def give_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a permission; its next use is refused."""
    grant = queries.grants_of(request.actor).filter(public_id=public_id).first()
    if grant is None:
        raise NotFound()
    record = public_ids({grant.record_id}).get(grant.record_id, "")
    grants.revoke_grant(grant, actor=request.actor, now=clock.now(), record=record)
    toast(request, _("The permission has ended."))
    return redirect("access:grants")


def _asked(request: HttpRequest) -> requests.Ask:
    posted = request.POST
    days = posted.get("days", "7")
    if not days.isascii() or not days.isdigit() or len(days) > 4:
        raise InvalidInput(_("Write a whole number."), field="days")
    counts = {name: posted.get(name, "").strip() for name in ("times", "sheets")}
    for name, text in counts.items():
        if text and (not text.isascii() or not text.isdigit() or len(text) > 5):
            raise InvalidInput(_("Write a whole number."), field=name)
    return requests.Ask(
        records=posted.get("records", "").split()[:200], actions=posted.getlist("actions"), days=int(days),
        purpose=posted.get("purpose", ""), reason=posted.get("reason", ""), basis=posted.get("basis", ""),
        basis_detail=posted.get("basis_detail", ""), urgent=bool(posted.get("urgent")), strict=True, pages=posted.get("pages", "")[:400],
        address=posted.get("address", "")[:400], **{name: int(text) if text else None for name, text in counts.items()},
    )  # fmt: skip


def _earlier(request: HttpRequest) -> Grant | None:
    """The asker's permission that is asked for anew."""
    again = request.GET.get("again", "")
    return queries.grants_of(request.actor).filter(public_id=again).first() if _is_uuid(again) else None


def _named_by_address(request: HttpRequest, earlier: Grant | None) -> list[str]:
    """The record or the basket that the address names, and of a permission the record that it was for."""
    named = request.GET.get("record", "").strip()[:150]
    if request.GET.get("again"):
        return list(public_ids({earlier.record_id}).values()) if earlier else []
    return [named] if named else basket.gathered(request)


def _form(
    request: HttpRequest,
    names: list[str],
    refusal: YidangError | None,
    returned: AccessRequest | None,
    before: dict[str, Any] | None = None,
) -> HttpResponse:
    """:param before: what an earlier permission said that is asked for anew"""
    typed: Any = request.POST or before or {}
    if not typed and returned is not None:
        typed = {
            name: getattr(returned, name)
            for name in ("purpose", "reason", "basis", "basis_detail", "days", "urgent", *requests.LIMITS)
        }
    chosen = request.POST.getlist("actions") or (
        returned.actions if returned else (before or {}).get("actions") or request.GET.getlist("action") or ["view"]
    )
    shown = _seen(names, request.actor)
    codes = {str(record.public_id): record.code for record in shown if record.code}
    context = {
        "names": [codes.get(name, name) for name in names], "shown": shown, "typed": typed, "chosen": chosen, "refusal": refusal,
        "actions": action_labels(), "purposes": PURPOSES, "bases": BASES, "returned": returned,
        "notes": _notes(returned), "tab": "ask",
    }  # fmt: skip
    return render(request, "access/ask_request.html", context, status=422 if refusal else 200)


def _notes(returned: AccessRequest | None) -> list[str]:
    if returned is None or returned.case is None:
        return []
    notes = returned.case.seats.filter(decision__choice="return").values_list("decision__note", flat=True)
    return list(notes)


def _seen(names: list[str], actor: Actor) -> list[Record]:
    """Of what is named, the records that the asker sees; of others the form shows the name alone."""
    ids = [found.pk for name in names[:100] if (found := requests.find(name))]
    return list(Record.objects.visible_to(actor).filter(pk__in=ids).select_related("record_class"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
