"""What each kind of person sees first, gathered from the packages below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils.timezone import get_current_timezone, localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yidang import vault
from yidang.access import owner_notices, request_queries
from yidang.access.models import AccessRequest, Opening
from yidang.access.request_subject import in_words
from yidang.access.request_views import listed
from yidang.approval import queries as approval
from yidang.audit import standing
from yidang.audit.models import Entry
from yidang.catalogue.models import Document, Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity import measuring
from yidang.digitisation.queries import open_findings
from yidang.intake import actions as intake
from yidang.intake import findings, queries
from yidang.intake.models import SecrecyRefusal, Submission
from yidang.jobs.models import Job
from yidang.oversight import reviewing
from yidang.oversight.models import Alarm
from yidang.oversight.queries import RULES
from yidang.people.models import SignInAttempt, User
from yidang.search import following
from yidang.vault import needs

ROWS = 8


@dataclass(frozen=True)
class Panel:
    """One box of the desk: a template of its own and what it shows."""

    kind: str
    title: str
    note: str = ""
    href: str = ""
    link: str = ""
    rows: Sequence[Any] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The template that draws it."""
        return f"desk/_{self.kind}.html"


@dataclass(frozen=True)
class Desk:
    """The desk of one person: a sentence that says how the day stands, and two columns of panels."""

    sentence: str
    main: list[Panel]
    side: list[Panel]


def panels_for(actor: Actor) -> Desk:
    """The desk of this person; each administrator sees only their own. What is urgent stands before everything."""
    now = clock.now()
    desk = _own_desk(actor, now)
    return replace(desk, main=[*_emergencies(actor, now), *desk.main], side=[*_news(actor), *desk.side])


def _emergencies(actor: Actor, now: datetime) -> list[Panel]:
    """Emergency accesses of others to records that this person answers for."""
    rows = list(owner_notices.open_notices(actor, now)[:ROWS])
    title, note = _("Opened by others in an emergency"), _("records that you answer for")
    return [Panel("emergencies", title, note, rows=rows)] if rows else []


def _news(actor: Actor) -> list[Panel]:
    """What came in to the searches that this person follows."""
    rows = [] if actor.is_administrator else following.with_news(actor, ROWS)
    note = _("since you last looked")
    return [Panel("news", _("New in my searches"), note, rows=rows, facts={"most": following.MOST})] if rows else []


def _own_desk(actor: Actor, now: datetime) -> Desk:
    if actor.has_duty("system_admin"):
        return _system_admin(now)
    if actor.has_duty("security_admin"):
        return _security_admin(actor, now)
    if actor.has_duty("audit_admin"):
        return _audit_admin(now)
    if actor.has_duty("archivist"):
        return _archivist(actor, now)
    if actor.has_duty("records_clerk"):
        return _records_clerk(actor, now)
    if actor.has_duty("department_clerk"):
        return _department_clerk(actor, now)
    return _reader(actor, now)


def _today(now: datetime) -> datetime:
    return make_aware(datetime.combine(localtime(now).date(), time.min), get_current_timezone())


def _archivist(actor: Actor, now: datetime) -> Desk:
    today = queries.submissions_visible_to(actor).filter(submitted_at__gte=_today(now))
    counts = today.aggregate(
        all=Count("id"),
        kept=Count("id", filter=Q(state__in=[Submission.RECEIVED, Submission.ARCHIVED])),
    )
    open_states = queries.counts_by_state(actor)
    failed, waiting = open_states.get(Submission.QUARANTINED, 0), open_states.get(Submission.RECEIVED, 0)
    sentence = _("%(all)d came in today, %(kept)d of them are kept; %(failed)d failed a check, %(waiting)d wait for acceptance.") % {
        "all": counts["all"], "kept": counts["kept"], "failed": failed, "waiting": waiting,
    }  # fmt: skip
    return Desk(
        sentence,
        [*_signing(actor, now), _failed(actor, failed), *_missing(), _waiting(actor, waiting), _by_source(today)],
        [_copies(), _pending(actor), _recent(actor)],
    )


def _failed(actor: Actor, count: int) -> Panel:
    rows = (
        queries.submissions_visible_to(actor)
        .filter(state=Submission.QUARANTINED)
        .prefetch_related("findings")
        .order_by("-submitted_at", "-id")[:ROWS]
    )
    note = _("All in quarantine, none is lost")
    return Panel(
        "failed",
        _("Checks failed"),
        note,
        "?state=quarantined",
        _("all"),
        [_with_reasons(item) for item in rows],
        {"count": count},
    )


def _missing() -> list[Panel]:
    """What systems finished and did not hand over; nothing when every open list is whole."""
    rows = queries.lists_with_missing(ROWS)
    return [Panel("missing", _("Never arrived"), _("by the lists of source systems"), rows=rows)] if rows else []


def _with_reasons(item: Submission) -> dict[str, Any]:
    failed = [found for found in item.findings.all() if found.level == "fail"]
    return {"item": item, "reasons": [findings.in_words(found.code, found.params)[0] for found in failed[:2]]}


def _waiting(actor: Actor, count: int) -> Panel:
    rows = (
        queries.submissions_visible_to(actor)
        .filter(state=Submission.RECEIVED)
        .select_related("record", "department")
        .order_by("-submitted_at", "-id")[:ROWS]
    )
    return Panel("waiting", _("Waiting for acceptance"), "", "?state=received", _("all"), list(rows), {"count": count})


def _by_source(today: Any) -> Panel:
    rows = (
        today.values("source_system")
        .annotate(
            all=Count("id"),
            kept=Count("id", filter=Q(state__in=[Submission.RECEIVED, Submission.ARCHIVED])),
            failed=Count("id", filter=Q(state=Submission.QUARANTINED)),
            last=Max("submitted_at"),
        )
        .order_by("-all")[:ROWS]
    )
    return Panel("sources", _("Came in today"), _("by source"), rows=list(rows))


def _copies(sites: Sequence[Any] | None = None) -> Panel:
    late = [one for one in needs.short() if one.late]
    rows = vault.read_state() if sites is None else sites
    return Panel("copies", _("Custody"), _("copies by site"), rows=rows, facts={"late": late})


def _pending(actor: Actor) -> Panel:
    states = dict(
        Document.objects.filter(text_state__in=["pending", "failed"]).values_list("text_state").annotate(n=Count("id"))
    )
    facts = {
        "pending": states.get("pending", 0),
        "failed": states.get("failed", 0),
        "found": open_findings(actor).count(),
    }
    return Panel("texts", _("Texts"), facts=facts)


def _records_clerk(actor: Actor, now: datetime) -> Desk:
    medical = Record.objects.visible_to(actor).exclude(patient_number="")
    waiting = medical.filter(state=Record.RECEIVED)
    rows = medical.select_related("record_class").order_by("-received_at", "-id")[:ROWS]
    count = waiting.count()
    sentence = ngettext(
        "%(count)d medical record waits for acceptance.", "%(count)d medical records wait for acceptance.", count
    ) % {"count": count}
    return Desk(
        sentence,
        [
            *_signing(actor, now),
            Panel("records", _("Medical records, the newest first"), rows=list(rows)),
            *_own_filings(actor),
        ],
        [_recent(actor)],
    )


def _department_clerk(actor: Actor, now: datetime) -> Desk:
    counts = queries.counts_by_state(actor)
    back = counts.get(Submission.RETURNED, 0) + counts.get(Submission.QUARANTINED, 0)
    sentence = (
        ngettext("%(count)d filing came back and waits for you.", "%(count)d filings came back and wait for you.", back)
        % {"count": back}
        if back
        else _("Nothing came back; drop what your department has finished.")
    )
    main = [*_signing(actor, now), Panel("drop", _("File what is finished")), *_own_filings(actor)]
    return Desk(sentence, main, [*_asking(actor, now), _recent(actor)])


def _own_filings(actor: Actor) -> Iterable[Panel]:
    rows = (
        queries.submissions_visible_to(actor)
        .prefetch_related("findings", "returns")
        .order_by("-submitted_at", "-id")[:ROWS]
    )
    yield Panel("filings", _("Our filings"), link=_("all"), rows=[_with_reasons(item) for item in rows])


def _reader(actor: Actor, now: datetime) -> Desk:
    signing, asking = _signing(actor, now), [*_asking(actor, now)]
    signs = actor.has_duty("approver", "leader")
    main = [*(signing if signing or not signs else [_nothing_to_sign()]), *(_review(actor, now) if signs else [])]
    main.append(Panel("find", _("Find a record")))
    main += [*asking[:1], _recent(actor)]
    if intake.may_file(actor):
        main += _own_filings(actor)
    sentence = _("One box finds everything that you may see.")
    if signing:
        count = signing[0].facts["count"]
        sentence = ngettext(
            "%(count)d case waits for your signature.", "%(count)d cases wait for your signature.", count
        ) % {"count": count}
    return Desk(sentence, main, asking[1:])


def _signing(actor: Actor, now: datetime) -> list[Panel]:
    """What waits for this person's signature, the oldest first; nothing when nothing does."""
    waiting = approval.waiting_for(actor, now)
    rows = list(waiting.select_related("asker", "route").order_by("opened_at", "id")[:ROWS])
    if not rows:
        return []
    shown = [(case, approval.is_overdue(case, now)) for case in rows]
    count = len(rows) if len(rows) < ROWS else waiting.count()
    return [
        Panel(
            "signing", _("Waiting for my signature"), _("the longest waiting first"), rows=shown, facts={"count": count}
        )
    ]


def _nothing_to_sign() -> Panel:
    return Panel("signing", _("Waiting for my signature"), facts={"count": 0})


def _asking(actor: Actor, now: datetime) -> Iterable[Panel]:
    """My requests, then my grants with what is left of them."""
    mine = AccessRequest.objects.of(actor).select_related("case").prefetch_related("records")
    rows = [listed(one, now) for one in mine.order_by("-asked_at", "-id")[:ROWS]]
    yield Panel("requests", _("My requests"), rows=rows)
    held = [(one, one.grant.until - now, in_words(one.actions)) for one in request_queries.live_held(actor, now, ROWS)]
    yield Panel("grants", _("My permissions"), rows=held)


def _recent(actor: Actor) -> Panel:
    """The records opened last that are still within reach."""
    opened = (
        Opening.objects.filter(user_id=actor.user_id)
        .values("record_id")
        .annotate(last=Max("opened_at"))
        .order_by("-last")[: ROWS * 2]
    )
    last = {row["record_id"]: row["last"] for row in opened}
    visible = Record.objects.visible_to(actor).filter(pk__in=last)
    rows = sorted(visible, key=lambda record: last[record.pk], reverse=True)[:ROWS]
    return Panel("recent", _("Recently opened"), rows=[(record, last[record.pk]) for record in rows])


def _system_admin(now: datetime) -> Desk:
    sites = vault.read_state()
    stuck = Job.objects.filter(state="set_aside").count()
    waiting = Job.objects.filter(state="waiting").count()
    sentence = _("%(sites)d sites, %(waiting)d tasks waiting, %(stuck)d set aside.") % {
        "sites": len(sites), "waiting": waiting, "stuck": stuck,
    }  # fmt: skip
    return Desk(
        sentence,
        [_copies(sites), _way_back(now)],
        [Panel("tasks", _("Tasks"), facts={"waiting": waiting, "stuck": stuck})],
    )


def _security_admin(actor: Actor, now: datetime) -> Desk:
    locked = (
        SignInAttempt.objects.filter(succeeded=False, at__gte=_today(now))
        .values("username")
        .annotate(n=Count("id"))
        .order_by("-n")
    )
    refusals = SecrecyRefusal.objects.filter(seen_at=None)[:ROWS]
    sentence = _("%(people)d accounts are active.") % {"people": User.objects.filter(is_active=True).count()}
    return Desk(
        sentence,
        [
            _alarms(),
            *_review(actor, now),
            Panel("secrecy", _("Refused for a mark of state secrecy"), rows=list(refusals)),
        ],
        [Panel("attempts", _("Failed sign-ins today"), rows=list(locked[:ROWS]))],
    )


def _alarms() -> Panel:
    """Unusual uses that nobody has judged, the latest first."""
    rows = Alarm.objects.filter(closed_at=None).select_related("user").order_by("-raised_at", "-id")[:ROWS]
    return Panel("alarms", _("Alarms"), _("unusual uses of records"), rows=[(one, RULES[one.rule]) for one in rows])


def _review(actor: Actor, now: datetime) -> list[Panel]:
    """The yearly review of rights, while this person has duties to confirm; overdue it says so."""
    review = reviewing.open_review_of(actor)
    left = reviewing.waiting_for(actor) if review else 0
    if review is None or not left:
        return []
    total = reviewing.lines_for(actor, review).count()
    facts = {
        "review": review,
        "left": left,
        "total": total,
        "done": total - left,
        "late": review.due_on < localtime(now).date(),
    }
    return [Panel("review", _("Review of rights"), _("whose duties I confirm"), facts=facts)]


def _audit_admin(now: datetime) -> Desk:
    last = Entry.objects.order_by("-seq").first()
    today = Entry.objects.filter(at__gte=_today(now))
    # A stranger at the door is sent to sign in, which is no refusal of anybody.
    refused = today.exclude(outcome="done").exclude(actor="", event__startswith="web.").order_by("-seq")[:ROWS]
    sentence = _("%(size)d entries, %(today)d of them today.") % {
        "size": last.seq if last else 0,
        "today": today.count(),
    }
    return Desk(
        sentence,
        [_witnesses(), Panel("refused", _("Refused or failed today"), rows=list(refused))],
        [Panel("head", _("Head of the log"), facts={"last": last, "verification": standing.last_verification()})],
    )


def _witnesses() -> Panel:
    """Who else keeps the log's checkpoints; nobody is a warning that stays until somebody does."""
    return Panel("witnesses", _("Witnesses of the log"), rows=standing.witness_states())


def _way_back(now: datetime) -> Panel:
    """Whether the archive would come back: the last backup, the last drill, and whether either is late."""
    facts = {
        "backup": measuring.last_backup(), "drill": measuring.last_drill(), "late": measuring.backup_is_late(now),
        "drill_late": measuring.drill_is_late(now), "address": settings.BACKUP,
    }  # fmt: skip
    return Panel("way_back", _("Backups and drills"), facts=facts)
