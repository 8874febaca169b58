"""等我签批: the queue beside one case, its decision, several at once, and another signer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from yidang.approval import actions, mending, queries, seating
from yidang.approval.confirming import confirm
from yidang.approval.models import Case
from yidang.approval.subjects import subject_of
from yidang.approval.working_time import Calendar
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState, YidangError
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

PHRASES = (
    gettext_lazy("Agreed."),
    gettext_lazy("Agreed, to look only."),
    gettext_lazy("Please add the approval document."),
)


@dataclass(frozen=True)
class Waiting:
    """One row of the queue."""

    case: Case
    hours: int
    overdue: bool
    soon: bool


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this person, the oldest first, with the first of it open."""
    return _screen(request, None, None)


@require_GET
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One case, decidable where it waits for this person, readable where they signed it."""
    return _screen(request, _known(public_id, request.actor, clock.now()), None)


@require_POST
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign; then the next case of the queue."""
    actor, now = request.actor, clock.now()
    found = _known(public_id, actor, now, seated=True)
    try:
        confirmed = _confirmed(request, now)
        decision = actions.decide(
            found.pk, choice=request.POST.get("decision", ""), actor=actor, now=now, confirmed=confirmed,
            note=request.POST.get("note", "")[:2000], days=_number(request.POST.get("days", ""), "days"),
            step=_number(request.POST.get("step", ""), "step") or 0, narrowed=_narrowed(request, found),
        )  # fmt: skip
    except (InvalidInput, WrongState) as refused:
        if not queries.known_to(actor, now).filter(pk=found.pk).exists():
            toast(request, refused, "warn")
            return redirect("approval:queue")
        found.refresh_from_db()
        return _screen(request, found, refused)
    said = {"approve": _("Signed: agreed."), "refuse": _("Signed: refused."), "return": _("Signed: returned.")}
    toast(
        request,
        f"{found.label} {said[decision.choice]} {_('It can be taken back for ten minutes, from the list below.')}",
    )
    return redirect("approval:queue")


@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Agree to several at once; each is signed by itself, and what cannot be is left with its reason."""
    actor, now = request.actor, clock.now()
    chosen = [name for name in request.POST.getlist("case") if _is_uuid(name)][:100]
    rows = list(queries.waiting_for(actor, now).filter(public_id__in=chosen).select_related("route"))
    if not rows:
        toast(request, _("Choose at least one case."), "warn")
        return redirect("approval:queue")
    try:
        confirmed = _confirmed(request, now)
    except InvalidInput as refused:
        return _screen(request, None, refused)
    signed, left = 0, []
    for one in rows:
        try:
            actions.decide(
                one.pk, choice="approve", actor=actor, now=now, note=request.POST.get("note", "")[:2000], step=one.step,
                confirmed=confirmed,
            )  # fmt: skip
            signed += 1
        except YidangError as refused:
            left.append(f"{one.label}: {refused}")
    if signed:
        toast(request, ngettext("%(n)d case signed.", "%(n)d cases signed.", signed) % {"n": signed})
    for sentence in left:
        toast(request, sentence, "warn")
    return redirect("approval:queue")


@require_POST
def countersign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask somebody else to sign as well."""
    actor, now = request.actor, clock.now()
    found = _known(public_id, actor, now)
    try:
        seat = seating.countersign(found, request.POST.get("username", ""), actor=actor, now=now)
    except InvalidInput as refused:
        return _screen(request, found, refused)
    toast(request, _("%(name)s signs as well.") % {"name": seat.signer.display_name})
    return redirect("approval:case", public_id)


def _known(public_id: UUID, actor: Actor, now: datetime, *, seated: bool = False) -> Case:
    rows = (queries.seated if seated else queries.known_to)(actor, now)
    rows = rows.select_related("route", "asker__department")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def _screen(request: HttpRequest, found: Case | None, refusal: YidangError | None) -> HttpResponse:
    actor, now = request.actor, clock.now()
    if not queries.may_sign(actor) or actor.is_administrator:
        raise NotAllowed()
    rows = queries.waiting_for(actor, now).select_related("route", "asker__department")
    page = page_of_request(request, rows, order_by=("opened_at", "id"), limit=30)
    named, calendar = found is not None, Calendar()
    if found is None:
        found = next(iter(page.items), None)
    context: dict[str, Any] = {
        "named": named,
        "page": page, "rows": [_row(one, now, calendar) for one in page.items], "count": rows.count(), "refusal": refusal,
        "signed": queries.signed_since(actor, now - timedelta(days=7)), "typed": request.POST, "phrases": PHRASES,
        "recent": mending.recent(actor, now), "keeps": seating.may_set_watch(actor),
    }  # fmt: skip
    if found is not None:
        context |= _case(found, actor, now)
    return render(request, "approval/signing.html", context, status=422 if refusal else 200)


def _case(found: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    subject = subject_of(found.kind)
    waits = found.state == "waiting" and queries.waiting_for(actor, now).filter(pk=found.pk).exists()
    return {
        "case": found, "template": subject.template, "steps": queries.steps_of(found), "waits": waits,
        "asks_password": waits and actions.asks_password(found, actor), "overdue": queries.is_overdue(found, now),
        "taking_back": None if waits else mending.to_take_back(found, actor, now),
        "kind": subject.labels, **subject.shown(found, actor, now),
    }  # fmt: skip


def _row(one: Case, now: datetime, calendar: Calendar) -> Waiting:
    hours = int(queries.waited(one, now).total_seconds() // 3600)
    return Waiting(one, hours, queries.is_overdue(one, now), seating.is_soon(one, now, calendar))


def _confirmed(request: HttpRequest, now: datetime) -> bool:
    password = request.POST.get("password", "")
    if password:
        confirm(password, actor=request.actor, now=now)
    return bool(password)


def _narrowed(request: HttpRequest, found: Case) -> dict[str, Any]:
    """What was unticked on the screen; a form that shows no boxes narrows nothing."""
    narrowed: dict[str, Any] = {}
    if request.POST.get("narrows"):
        kept = {int(place) for place in request.POST.getlist("keep") if place.isascii() and place.isdigit()}
        shown = {int(place) for place in request.POST.getlist("shown") if place.isascii() and place.isdigit()}
        if shown - kept:
            narrowed["without"] = sorted(shown - kept)
        allowed = [name for name in found.facts.get("actions", []) if name in request.POST.getlist("allow")]
        if allowed != found.facts.get("actions", []):
            narrowed["actions"] = allowed
        narrowed |= subject_of(found.kind).narrow(found, request.POST)
    return narrowed


def _number(text: str, field: str) -> int | None:
    if not text.strip():
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InvalidInput(_("Write a whole number."), field=field)
    return int(text)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
