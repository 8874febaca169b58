"""Deputies with their dates, the roster of duty officers, and how long signatures take."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone, localtime, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.approval import queries, seating, subjects
from yidang.approval.models import Case, Delegation, Watch
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.people.models import User
from yidang.ui.toasts import toast

DAYS_MEASURED = 90


@require_http_methods(["GET", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """Who signs for me while I am away, and for whom I sign."""
    actor, now = request.actor, clock.now()
    if not queries.may_sign(actor):
        raise NotAllowed()

    def name(user: User, begins_at: datetime, ends_at: datetime) -> None:
        seating.delegate(user, begins_at=begins_at, ends_at=ends_at, actor=actor, now=now)

    refusal = _entered(request, "deputy", name) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        toast(request, _("The deputy is named."))
        return redirect("approval:deputies")
    live = Delegation.objects.filter(ends_at__gt=now).select_related("deputy", "principal").order_by("begins_at")
    context = {
        "mine": live.filter(principal_id=actor.user_id)[:50], "lent": live.filter(deputy_id=actor.user_id)[:50],
        "people": _people().exclude(pk=actor.user_id), "typed": request.POST, "refusal": refusal, "now": now,
    }  # fmt: skip
    return render(request, "approval/deputies.html", context, status=422 if refusal else 200)


@require_POST
def end_deputy(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Back early."""
    seating.end_delegation(delegation_id, actor=request.actor, now=clock.now())
    return redirect("approval:deputies")


@require_http_methods(["GET", "POST"])
def watch(request: HttpRequest) -> HttpResponse:
    """行政总值班: the roster of those who sign urgent cases after hours."""
    actor, now = request.actor, clock.now()
    if not seating.may_set_watch(actor):
        raise NotAllowed()

    def enter(user: User, begins_at: datetime, ends_at: datetime) -> None:
        seating.set_watch(user, begins_at=begins_at, ends_at=ends_at, actor=actor, now=now)

    refusal = _entered(request, "officer", enter) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        toast(request, _("The duty officer is entered."))
        return redirect("approval:watch")
    context = {
        "rows": Watch.objects.filter(ends_at__gt=now).select_related("officer").order_by("begins_at")[:100],
        "people": _people(), "typed": request.POST, "refusal": refusal, "now": now,
    }  # fmt: skip
    return render(request, "approval/watch.html", context, status=422 if refusal else 200)


@require_GET
def times(request: HttpRequest) -> HttpResponse:
    """How long cases of each class waited in the last ninety days, against what was promised."""
    if not queries.may_sign(request.actor) or request.actor.is_administrator:
        raise NotAllowed()
    now = clock.now()
    since = now - timedelta(days=DAYS_MEASURED)
    groups = []
    for subject in subjects.kinds():
        words = subject.facts().get("classes", {})
        rows = queries.turnaround(subject.kind, _classes, since=since, now=now)
        groups.append(
            (subject.labels, [(words.get(row.label, row.label) or {"zh": "其他", "en": "Other"}, row) for row in rows])
        )
    return render(request, "approval/times.html", {"groups": groups, "days": DAYS_MEASURED})


def _classes(case: Case) -> list[str]:
    """The classes that a case is about, without the branches above them; nothing known counts as «other»."""
    codes = case.facts.get("classes", [])
    return [code for code in codes if not any(other.startswith(f"{code}·") for other in codes)] or [""]


def _people() -> QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("username")


def _entered(
    request: HttpRequest, field: str, enter: Callable[[User, datetime, datetime], None]
) -> InvalidInput | None:
    """Read a person and two days from a form and enter them; what was wrong with it."""
    try:
        user = User.objects.filter(username__iexact=request.POST.get(field, "").strip(), is_active=True).first()
        if user is None:
            raise InvalidInput(_("Choose another person who has an account here."), field=field)
        enter(user, _moment(request, "begins", time.min), _moment(request, "ends", time.max))
    except InvalidInput as refused:
        return refused
    return None


def _moment(request: HttpRequest, field: str, at: time) -> datetime:
    """A day, or a day with an hour, as the form writes it."""
    text = request.POST.get(field, "").strip()
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(_("Write the day as 2026-03-05."), field=field) from None
    if len(text) == len("2026-03-05"):
        read = datetime.combine(read.date(), at)
    aware = make_aware(read, get_current_timezone()) if read.tzinfo is None else read
    return localtime(aware)
