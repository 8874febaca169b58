"""收件: what arrived, what failed its checks, what waits for an archivist's acceptance."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from yidang import formats
from yidang.approval import actions as approval
from yidang.approval import queries as signing
from yidang.approval.models import Case
from yidang.approval.routing import current_routes, route_if_any
from yidang.common import clock
from yidang.common.errors import NotAllowed, NotFound, YidangError
from yidang.digitisation.queries import of_record, with_words
from yidang.intake import actions, findings, queries, receipts, staging
from yidang.intake.actions import accepting
from yidang.intake.models import Submission, SubmittedDocument
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

TABS = (Submission.RECEIVED, Submission.QUARANTINED, Submission.RETURNED, Submission.ARCHIVED, Submission.WITHDRAWN)


def state_words() -> dict[str, tuple[str, str]]:
    """The badge and the word of each state."""
    return {
        Submission.RESERVED: ("wait", _("being kept")),
        Submission.RECEIVED: ("wait", _("received")),
        Submission.ARCHIVED: ("ok", _("archived")),
        Submission.QUARANTINED: ("bad", _("check failed")),
        Submission.RETURNED: ("warn", _("returned")),
        Submission.WITHDRAWN: ("plain", _("taken back")),
        Submission.SUPERSEDED: ("plain", _("sent again")),
        Submission.RELEASED: ("plain", _("never completed")),
    }


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The archivist's list, by state; the good ones can be accepted together."""
    if not request.actor.has_duty("archivist"):
        raise NotFound()
    return _list(request, template="intake/inbox.html", default=Submission.RECEIVED)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What the reader, or their department, handed over."""
    if not actions.may_file(request.actor):
        raise NotFound()
    return _list(request, template="intake/mine.html", default="")


def _list(request: HttpRequest, *, template: str, default: str) -> HttpResponse:
    state = request.GET.get("state", default)
    visible = queries.submissions_visible_to(request.actor)
    wanted = visible.filter(state=state) if state in TABS else visible
    page = page_of_request(
        request,
        wanted.select_related("record", "department").prefetch_related("findings"),
        order_by=("-submitted_at", "-id"),
    )
    counts = queries.counts_by_state(request.actor)
    words, signed = state_words(), accepting.waiting_for_signatures(page.items)
    context = {
        "page": page,
        "rows": [_row(item, words, item.public_id in signed) for item in page.items],
        "by_route": bool(current_routes(accepting.KIND)),
        "state": state if state in TABS else "",
        "tabs": [(key, words[key][1], counts.get(key)) for key in TABS],
    }
    return render(request, template, context)


def _row(item: Submission, words: dict[str, tuple[str, str]], signed: bool) -> dict[str, object]:
    failed = [found for found in item.findings.all() if found.level == "fail"]
    warned = [found for found in item.findings.all() if found.level == "warn"]
    # Two files with the same fault are one reason to read.
    reasons = list(dict.fromkeys(findings.in_words(found.code, found.params)[0] for found in failed or warned))[:2]
    kind, word = words[item.state]
    if signed:
        word = _("waits for signatures")
    return {"item": item, "kind": kind, "word": word, "failed": failed, "warned": warned, "reasons": reasons}


WORST_FIRST = {"fail": 0, "warn": 1, "pass": 2}


@require_GET
def submission(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One submission: its documents, its findings in words, what became of it."""
    return _submission_page(request, queries.submission_for(request.actor, public_id))


def _submission_page(request: HttpRequest, item: Submission, *, error: YidangError | None = None) -> HttpResponse:
    kind, word = state_words()[item.state]
    names = {document.number: document.name for document in item.documents.all()}
    rows = [
        {
            "finding": found,
            "name": names.get(found.document or 0, ""),
            "words": findings.in_words(found.code, found.params),
        }
        for found in sorted(
            item.findings.all(), key=lambda found: (WORST_FIRST[found.level], found.document or 0, found.pk)
        )
    ]
    receipt = getattr(item, "receipt", None)
    keeps = request.actor.has_duty("archivist")
    case = _latest_case(item)
    waits = case is not None and case.state == "waiting"
    if waits:
        word = _("waits for signatures")
    context = {
        "item": item,
        "kind": kind,
        "word": word,
        "documents": item.documents.all(),
        "rows": rows,
        "later": [with_words(found) for found in of_record(item.record)] if item.record else [],
        "receipt": receipts.receipt_json(receipt) if receipt else None,
        "returns": item.returns.order_by("id"),
        "may_accept": item.state == Submission.RECEIVED and keeps and not waits,
        "by_route": keeps and item.state == Submission.RECEIVED and item.record is not None
        and route_if_any(accepting.KIND, accepting.facts_of(item, item.record)) is not None,
        "steps": signing.steps_of(case) if case and keeps else [],
        "may_take_back": waits and case is not None and case.asker_id == request.actor.user_id,
        "may_return": item.state in {Submission.RECEIVED, Submission.QUARANTINED} and keeps,
        "may_withdraw": actions.may_withdraw(item, request.actor),
        "may_mend": item.state in {Submission.QUARANTINED, Submission.RETURNED} and item.channel == "web"
        and item.submitted_by_id == request.actor.user_id,
        "waits_here": item.state in {Submission.QUARANTINED, Submission.RETURNED},
        "error": error,
    }  # fmt: skip
    return render(request, "intake/submission.html", context, status=422 if error else 200)


def _latest_case(item: Submission) -> Case | None:
    """How the acceptance was signed, or is being signed."""
    rows = Case.objects.filter(kind=accepting.KIND, subject=str(item.public_id)).select_related("route")
    return rows.order_by("-pk").first()


@require_POST
def take_back_proposal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whoever proposed an acceptance no longer wants it signed; the filing waits as before."""
    case = _latest_case(queries.submission_for(request.actor, public_id))
    if case is None:
        raise NotFound()
    approval.withdraw(case, actor=request.actor, now=clock.now())
    toast(request, _("The proposal was taken back; the filing waits among the arrivals."), "ok")
    return HttpResponseRedirect(reverse("intake:submission", args=[public_id]))


@require_GET
def receipt(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The signed receipt as a file to keep."""
    found = getattr(queries.submission_for(request.actor, public_id), "receipt", None)
    if found is None:
        raise NotFound()
    response = JsonResponse(receipts.receipt_json(found), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="receipt-{public_id}.json"'
    return response


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Accept what was chosen, or one submission by its key."""
    ids = request.POST.getlist("chosen")
    accepted, sent, refused = actions.accept_many(ids, actor=request.actor, now=clock.now())
    if accepted:
        toast(
            request,
            ngettext("%(count)d record is archived.", "%(count)d records are archived.", accepted)
            % {"count": accepted},
            "ok",
        )
    if sent:
        toast(
            request,
            ngettext(
                "%(count)d acceptance was sent for signatures.", "%(count)d acceptances were sent for signatures.", sent
            )
            % {"count": sent},
            "ok",
        )
    for problem in refused[:3]:
        toast(request, f"{problem} {problem.remedy}", "bad")
    if not ids:
        toast(request, _("Nothing was chosen."), "info")
    back = request.POST.get("back", "")
    return HttpResponseRedirect(back if _is_own(back) else reverse("intake:inbox"))


def _is_own(address: str) -> bool:
    return address.startswith("/") and not address.startswith("//") and "\\" not in address


@require_POST
def send_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return a submission to its sender with a reason."""
    item = queries.submission_for(request.actor, public_id)
    try:
        actions.return_to_sender(item, actor=request.actor, reason=request.POST.get("reason", ""), now=clock.now())
    except NotAllowed:
        raise
    except YidangError as error:
        return _submission_page(request, item, error=error)
    toast(request, _("It was returned; the sender sees the reason."), "ok")
    return HttpResponseRedirect(reverse("intake:submission", args=[public_id]))


@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a filing back before it is accepted."""
    item = queries.submission_for(request.actor, public_id)
    actions.withdraw(item, actor=request.actor, reason=request.POST.get("reason", ""), now=clock.now())
    toast(request, _("The filing was taken back; its receipt is void."), "ok")
    return HttpResponseRedirect(reverse("intake:submission", args=[public_id]))


@require_GET
def waiting_page(request: HttpRequest, public_id: UUID, number: int, page: int) -> HttpResponse:
    """A page of a file that waits in quarantine, rendered in the cage, for those who mend or judge it."""
    item = queries.submission_for(request.actor, public_id)
    document = SubmittedDocument.objects.filter(submission=item, number=number).first()
    path = staging.folder_of(item.public_id) / f"{number:04d}"
    if document is None or not staging.is_at_hand(path):
        raise NotFound()
    return image_response(formats.render_page(path, formats.identify(path, document.name), page, 1240))


def image_response(content: bytes) -> HttpResponse:
    """A page image that no cache keeps."""
    kind = "image/webp" if content[8:12] == b"WEBP" else "image/png" if content[:4] == b"\x89PNG" else "image/jpeg"
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = "private, no-store"
    return response
