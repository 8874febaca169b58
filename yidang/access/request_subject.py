"""What approval is told about requests for records: the routes to begin with, what a signer sees, what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from yidang.access.models import Opening
from yidang.access.purposes import PURPOSES, basis_label, purpose_label
from yidang.access.request_models import AccessRequest, RequestedRecord
from yidang.access.requests import KIND, LIMITS, PRIVATE, answer_calls, ask_calls_again, givable, issue
from yidang.approval.models import APPROVED, REFUSED, WITHDRAWN, Case, Decision
from yidang.approval.subjects import Subject, register
from yidang.catalogue import labels
from yidang.catalogue.models import Document, Record, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.permissions.actions import FLAGS, revoke_grant
from yidang.permissions.limits import places_in_words, read_address, read_pages
from yidang.permissions.models import Grant
from yidang.permissions.records import public_ids

COUNTS = {"times", "sheets"}
_OFFICE = {"by": "duty", "value": "approver", "department": "YW"}
_INSTEAD = [{"by": "duty", "value": role} for role in ("approver", "leader", "archivist")]
_HEAD = {"signers": [{"by": "department_head"}, _OFFICE], "need": "any", "otherwise": _INSTEAD}
_MEDICAL = {"signers": [_OFFICE], "need": "any", "otherwise": _INSTEAD}
_STAFF = {
    "signers": [{"by": "duty", "value": "approver", "department": "RS"}], "need": "any", "otherwise": _INSTEAD,
}  # fmt: skip
_LEADER = {
    "signers": [{"by": "duty", "value": "leader"}], "need": "any", "reauth": True,
    "otherwise": [{"by": "duty", "value": role} for role in ("archivist", "approver")],
}  # fmt: skip

DEFAULT_ROUTES = (
    {
        "key": "medical", "labels": {"zh": "病案", "en": "Medical records"}, "conditions": {"visibility": ["care"]},
        "steps": [_MEDICAL, _LEADER], "target_hours": 8,
    },
    {
        "key": "personnel", "labels": {"zh": "人事档案", "en": "Personnel files"},
        "conditions": {"visibility": ["entry_only"]}, "steps": [_STAFF, _LEADER], "target_hours": 16,
    },
    {
        "key": "sensitive", "labels": {"zh": "敏感与受限", "en": "Sensitive and restricted"},
        "conditions": {"levels": {"min": 2}}, "steps": [_HEAD, _LEADER], "target_hours": 16,
    },
    {
        "key": "leaving", "labels": {"zh": "带出原件或副本", "en": "Copies and originals that leave"},
        "conditions": {"actions": ["copy", "borrow", "certify"]}, "steps": [_HEAD, _LEADER], "target_hours": 8,
    },
    {
        "key": "many", "labels": {"zh": "大批量", "en": "Many at once"}, "conditions": {"amount": {"min": 20}},
        "steps": [_HEAD, _LEADER], "target_hours": 16,
    },
    {
        "key": "usual", "labels": {"zh": "一般查阅", "en": "Reading and printing"}, "conditions": {}, "steps": [_HEAD],
        "target_hours": 8,
    },
)  # fmt: skip


def action_labels() -> dict[str, str]:
    """What can be asked for, in words."""
    return {
        "view": _("View"), "print": _("Print"), "copy": _("Download the original"),
        "borrow": _("Borrow the paper original"), "certify": _("Certified copy"),
    }  # fmt: skip


def in_words(actions: list[str]) -> str:
    """What was asked for, as a list of words."""
    labels_of = action_labels()
    return "、".join(labels_of[key] for key in actions if key in labels_of)


@dataclass(frozen=True)
class Wanted:
    """One row of the decision screen.

    :param pages: addresses of thumbnails; empty where the signer's own rights do not open the pages
    """

    row: RequestedRecord
    level: str
    pages: list[int]
    document: int
    givable: bool
    hint: str


def request_of(case: Case) -> AccessRequest:
    """The request that a case decides."""
    found: AccessRequest = AccessRequest.objects.select_related("asker__department").get(public_id=case.subject)
    return found


def shown(case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the decision screen shows of a request.

    A signer sees the catalogue entries because they sit on the case; the pages' thumbnails come through the ordinary
    addresses of pages, and only where the signer's own rights open them: a signature needs no look into a file.
    """
    request = request_of(case)
    rows = list(request.records.select_related("record__record_class", "record__department"))
    ids = [row.record_id for row in rows if row.record_id]
    open_ids = set(Record.objects.visible_to(actor, "view").filter(pk__in=ids).values_list("pk", flat=True))
    first: dict[int, Document] = {}
    for document in Document.objects.filter(record_id__in=ids).order_by("record_id", "-number"):
        first[document.record_id] = document
    wanted = [_wanted(row, request, open_ids, first) for row in rows]
    return {
        "ask": request, "wanted": wanted, "actions": action_labels(), "asked_words": in_words(request.actions), "purpose": purpose_label(request.purpose),
        "basis": basis_label(request.basis), "history": history(request, now), "hints": hints(request, wanted),
        "limited": limits_asked(request),
        "giving": sum(1 for one in wanted if one.givable), "until": now + timedelta(days=request.days),
    }  # fmt: skip


def limits_asked(request: AccessRequest) -> list[str]:
    """What the asker narrowed themselves, one phrase each."""
    said = []
    if request.pages:
        said.append(_("pages %(pages)s") % {"pages": request.pages})
    if request.times:
        said.append(ngettext("%(n)d use", "%(n)d uses", request.times) % {"n": request.times})
    if request.sheets:
        said.append(ngettext("%(n)d printed sheet", "%(n)d printed sheets", request.sheets) % {"n": request.sheets})
    if request.address:
        said.append(_("at %(address)s only") % {"address": places_in_words(request.address)})
    return said


def _wanted(row: RequestedRecord, request: AccessRequest, open_ids: set[int], first: Mapping[int, Document]) -> Wanted:
    record = row.record
    if record is None:
        return Wanted(row, "", [], 0, False, _("No record has this name."))
    document = first.get(record.pk)
    pages = list(range(1, min(document.pages or 0, 3) + 1)) if document and record.pk in open_ids else []
    may = givable(record, request.asker_id)
    hint = "" if may else _("Their own personnel file, or looking at it is frozen.")
    return Wanted(row, labels.level(record.level), pages, document.number if document else 0, may, hint)


def history(request: AccessRequest, now: datetime) -> dict[str, int]:
    """What the asker asked for within a year, and how much of it was looked at."""
    mine = AccessRequest.objects.filter(asker_id=request.asker_id, asked_at__gte=now - timedelta(days=365))
    mine = mine.exclude(pk=request.pk)
    states = list(mine.values_list("state", flat=True))
    opened = Opening.objects.filter(user_id=request.asker_id, because="grant", opened_at__gte=now - timedelta(days=365))
    return {
        "asked": len(states), "granted": states.count("granted"), "refused": states.count("refused"),
        "waiting": states.count("waiting"), "opened": opened.count(),
    }  # fmt: skip


def hints(request: AccessRequest, wanted: list[Wanted]) -> list[tuple[str, str]]:
    """What a signer should not overlook: the kind of note and a sentence."""
    found: list[tuple[str, str]] = []
    lost = sum(1 for one in wanted if not one.givable)
    if lost:
        found.append(("hold", ngettext(
            "%(n)d of these cannot be given and is left out by itself.",
            "%(n)d of these cannot be given and are left out by themselves.", lost) % {"n": lost}))  # fmt: skip
    private = [one for one in wanted if one.row.record and one.row.record.record_class.visibility in PRIVATE]
    if private and not request.basis:
        found.append(("bad", _("It is about somebody's privacy, and no legal basis was named; return it for one.")))
    elif private:
        found.append(("warn", _("It is about somebody's privacy; the basis that was named: %(basis)s.") % {
            "basis": basis_label(request.basis)}))  # fmt: skip
    if request.pages and "copy" in request.actions and "borrow" not in request.actions:
        found.append(("info", _("Single pages leave as a file with the asker's mark; the original stays.")))
    elif {"copy", "borrow"} & set(request.actions):
        found.append(("warn", _("Something leaves the archive: the original as a file or as paper.")))
    if request.days > 90:
        found.append(("warn", _("%(days)d days are long; a shorter time can be renewed.") % {"days": request.days}))
    return found


def approved(case: Case, actor: Actor, now: datetime) -> None:
    """The last signature issues what every signer left of it."""
    request = request_of(case)
    decisions = list(Decision.objects.filter(seat__case=case, choice="approve"))
    days = min([request.days, *(decision.days for decision in decisions if decision.days)])
    actions, without, limits = set(request.actions), set[int](), dict[str, Any]()
    for decision in decisions:
        without |= set(decision.narrowed.get("without", []))
        actions &= set(decision.narrowed.get("actions", request.actions))
        for name, value in decision.narrowed.get("limits", {}).items():
            limits[name] = min(value, limits.get(name, value)) if name in COUNTS else value
    issue(request, now=now, days=days, actions=actions, without=without, limits=limits)


def ended(case: Case) -> None:
    """Refused, returned or withdrawn: the request says so."""
    AccessRequest.objects.filter(public_id=case.subject).exclude(state=APPROVED).update(
        state=case.state, closed_at=case.closed_at
    )
    if case.state in {REFUSED, WITHDRAWN} and case.closed_at is not None:
        answer_calls(request_of(case), given=False, now=case.closed_at)


def undone(case: Case, now: datetime) -> None:
    """The last signature is taken back: what it opened is shut again, where nobody has used it.

    :raises WrongState: it was used, or the asker has answered already
    """
    request = AccessRequest.objects.select_for_update().get(public_id=case.subject)
    ids = list(request.records.exclude(grant=None).values_list("grant_id", flat=True))
    grants = list(Grant.objects.select_for_update().filter(pk__in=ids))
    used = any(one.used or one.sheets_used or one.revoked_at for one in grants)
    if request.case_id != case.pk or used or Opening.objects.filter(grant__in=ids).exists():
        raise WrongState(
            _("Something has followed from this signature; it cannot be taken back."), code="followed",
            remedy=_("What was granted can be revoked at any moment."),
        )  # fmt: skip
    known = public_ids({one.record_id for one in grants})
    for one in grants:
        revoke_grant(one, actor=Actor.system("access"), now=now, record=known.get(one.record_id, ""))
    request.records.update(grant=None, taken_out=False)
    AccessRequest.objects.filter(pk=request.pk).update(state=AccessRequest.State.WAITING, closed_at=None)
    ask_calls_again(request, now=now)


def check(case: Case, narrowed: Mapping[str, Any]) -> None:
    """A signer may take out records and actions of what was asked for, not all of them.

    :raises InvalidInput: nothing would be left, or something was never asked for
    """
    actions, without = narrowed.get("actions"), narrowed.get("without", [])
    if actions is not None and (not actions or not set(actions) <= set(case.facts.get("actions", []))):
        raise InvalidInput(_("Leave at least one action that was asked for."), field="actions")
    _check_limits(case, narrowed.get("limits", {}))
    places = set(range(1, int(case.facts.get("amount", 0)) + 1))
    if not set(without) <= places or (without and set(without) == places):
        raise InvalidInput(_("Leave at least one record, or refuse."), field="without")


def _check_limits(case: Case, limits: Mapping[str, Any]) -> None:
    """Fewer uses and sheets than were asked for; pages and terminals where the asker, and signers before, named none."""
    if not limits.keys() <= set(LIMITS):
        raise InvalidInput(_("Choose: approve, refuse or return."), field="limits")
    for name in COUNTS & limits.keys():
        asked, value = case.facts.get(name), limits[name]
        if not isinstance(value, int) or value < 1 or (asked is not None and value > asked):
            raise InvalidInput(_("Less may be given than was asked for, never more."), field=name)
    before = Decision.objects.filter(seat__case=case, choice="approve").values_list("narrowed", flat=True)
    named = [case.facts, *(one.get("limits", {}) for one in before)]
    for name in limits.keys() - COUNTS:
        if any(one.get(name, limits[name]) != limits[name] for one in named):
            raise InvalidInput(_("This was narrowed already; return it for another choice."), field=name)
    if limits.get("pages") and case.facts.get("amount") != 1:
        raise InvalidInput(_("Pages are named for one record; ask for the others by themselves."), field="pages")


def narrow(case: Case, posted: Mapping[str, str]) -> dict[str, Any]:
    """What the decision screen's fields narrow besides records and actions; an empty field narrows nothing."""
    limits: dict[str, Any] = {}
    for name in COUNTS:
        text = posted.get(name, "").strip()
        if text and (not text.isascii() or not text.isdigit() or len(text) > 5):
            raise InvalidInput(_("Write a whole number."), field=name)
        if text:
            limits[name] = int(text)
    limits |= {"pages": read_pages(posted.get("pages", "")), "address": read_address(posted.get("address", ""))}
    changed = {name: value for name, value in limits.items() if value and value != case.facts.get(name)}
    return {"limits": changed} if changed else {}


def facts() -> dict[str, dict[str, Any]]:
    """The choices of a route's conditions."""
    return {
        "purpose": dict(PURPOSES),
        "actions": {key: action_labels()[key] for key in FLAGS},
        "visibility": {
            "care": _("Medical records"), "entry_only": _("Personnel files"), "department": _("Open to a department"),
            "hospital": _("Open to the hospital"),
        },
        "classes": {row.code: row.labels for row in RecordClass.objects.order_by("code")},
    }  # fmt: skip


def lend() -> None:
    """Tell approval, when access is loaded."""
    register(
        Subject(
            KIND, approved, ended, check, "access/_request_case.html", shown,
            {"zh": "利用申请", "en": "Requests for records"}, facts, DEFAULT_ROUTES, narrow,
            {"pages_in_all": _lazy("Pages of all records from")}, undone,
        )
    )  # fmt: skip
