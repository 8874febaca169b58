"""归档: the web form. Drop files, see what was proposed and from where, correct, file, next."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang import formats
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, YidangError
from yidang.intake import actions, findings, proposing, queries, staging, uploads
from yidang.intake.actions import drafting
from yidang.intake.envelope import MalformedSubmission, read_envelope
from yidang.intake.errors import ChecksFailed, MayNotFile
from yidang.intake.formfields import field_rows, payload_of
from yidang.intake.models import DraftFile, FilingDraft
from yidang.intake.views.inbox import image_response
from yidang.ui.toasts import toast

ROLES = ("正本", "定稿", "附件", "处理单", "扫描件", "底图", "照片", "其他")


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """The form; a POST keeps the draft or files it."""
    if not actions.may_file(request.actor):
        raise MayNotFile()
    if request.method == "POST":
        return _submit(request)
    draft = _draft_to_show(request)
    return _page(request, draft, draft.fields if draft else {})


def _draft_to_show(request: HttpRequest) -> FilingDraft | None:
    """The draft named in the address, a failed filing to mend, or the last one left unfinished."""
    mend = request.GET.get("mend", "")
    if mend:
        item = queries.submission_for(request.actor, _uuid(mend))
        return drafting.draft_from_submission(item, actor=request.actor, now=clock.now())
    named = request.GET.get("draft", "")
    if named:
        return drafting.draft_of(request.actor, _uuid(named))
    return None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound() from error


def _page(
    request: HttpRequest, draft: FilingDraft | None, values: dict[str, Any], *, error: YidangError | None = None
) -> HttpResponse:
    faults = error.details.get("faults", []) if isinstance(error, MalformedSubmission) else []
    failed = error.details["findings"] if isinstance(error, ChecksFailed) else []
    if isinstance(error, InvalidInput) and error.field and not faults:
        faults = [{"field": error.field, "detail": str(error), "remedy": str(error.remedy)}]
    faults += [
        {"field": f"m-{item['field']}", "detail": item["what"], "remedy": item["remedy"]}
        for item in failed
        if item["field"]
    ]
    context = {
        "draft": draft,
        "files": _files(draft),
        "roles": ROLES,
        "rows": field_rows(request.actor, values, faults=faults),
        "failed": failed,
        "error": error,
    }
    return render(request, "intake/filing.html", context, status=422 if error else 200)


def _files(draft: FilingDraft | None) -> list[DraftFile]:
    """The draft's files with what the checks say in words."""
    rows = list(draft.files.select_related("draft")) if draft else []
    for row in rows:
        levels = {item["level"] for item in row.findings}
        row.worst = "fail" if "fail" in levels else "warn" if "warn" in levels else "ok"
        row.words = [findings.in_words(item["code"], item["params"]) for item in row.findings]
    return rows


@require_POST
def draft_files(request: HttpRequest) -> HttpResponse:
    """Take a file into the draft, take one out, or draw the fields of another class."""
    now = clock.now()
    if request.POST.get("fields"):
        values = {key: value for key, value in request.POST.items() if isinstance(value, str)}
        return HttpResponse(
            render_to_string("intake/_fields.html", {"rows": field_rows(request.actor, values)}, request)
        )
    named = request.POST.get("draft", "")
    draft = (
        drafting.draft_of(request.actor, _uuid(named)) if named else drafting.start_draft(actor=request.actor, now=now)
    )
    if request.POST.get("remove", ""):
        number = request.POST["remove"]
        drafting.remove_file(draft, int(number) if number.isascii() and number.isdigit() else 0)
    for upload in request.FILES.getlist("file"):
        uploads.check_file_count(draft.files.count() + 1)
        drafting.add_file(draft, name=upload.name or "", chunks=upload.chunks(), actor=request.actor, now=now)
    rows = _files(draft)
    html = render_to_string("intake/_files.html", {"files": rows, "roles": ROLES}, request)
    return JsonResponse(
        {"draft": str(draft.public_id), "files": html, "proposals": proposing.proposals_of(draft, request.actor)}
    )


@require_GET
def draft_page(request: HttpRequest, public_id: UUID, number: int, page: int) -> HttpResponse:
    """A page of a file in one's own draft, rendered in the cage."""
    draft = drafting.draft_of(request.actor, public_id)
    row = draft.files.filter(number=number).first()
    if row is None:
        raise NotFound()
    path = drafting.folder_of(draft.public_id) / f"{row.number:04d}"
    if not staging.is_at_hand(path):
        raise NotFound()
    return image_response(formats.render_page(path, formats.identify(path, row.name), page, 1240))


def _submit(request: HttpRequest) -> HttpResponse:
    named = request.POST.get("draft", "")
    now = clock.now()
    values = {
        key: value for key, value in request.POST.items() if isinstance(value, str) and key != "csrfmiddlewaretoken"
    }
    draft = drafting.draft_of(request.actor, _uuid(named)) if named else None
    if draft is not None:
        drafting.keep_fields(draft, values, now=now)
    if request.POST.get("then") == "draft":
        return _kept_as_draft(request, draft, values)
    try:
        if draft is None or not draft.files.exists():
            raise InvalidInput(
                _("No file was dropped yet."), code="no_file", remedy=_("Drop at least one file, then file.")
            )
        outcome = _file(request, draft, values)
    except NotAllowed:
        raise
    except YidangError as error:
        return _page(request, draft, values, error=error)
    drafting.discard(draft)
    record = outcome.submission.record
    number = outcome.submission.code or outcome.submission.accession_number
    toast(request, _("Received as %(number)s.") % {"number": number}, "ok")
    if request.POST.get("then") == "next" or record is None:
        return HttpResponseRedirect(reverse("intake:filing"))
    return HttpResponseRedirect(reverse("intake:submission", args=[outcome.submission.public_id]))


def _file(request: HttpRequest, draft: FilingDraft, values: dict[str, str]) -> actions.Outcome:
    documents = [
        {"file": row.name, "role": values.get(f"role-{row.number}") or row.role} for row in drafting.named_apart(draft)
    ]
    envelope = read_envelope(payload_of(values, source_id=str(draft.public_id), documents=documents))
    return actions.receive(
        envelope,
        stage=lambda submission_id: drafting.staged_into(draft, submission_id),
        actor=request.actor,
        channel="web",
        now=clock.now(),
    )


def _kept_as_draft(request: HttpRequest, draft: FilingDraft | None, values: dict[str, str]) -> HttpResponse:
    if draft is None:
        draft = drafting.start_draft(actor=request.actor, now=clock.now())
        drafting.keep_fields(draft, values, now=clock.now())
    toast(request, _("Kept as a draft."), "ok")
    return HttpResponseRedirect(f"{reverse('intake:filing')}?draft={draft.public_id}")
