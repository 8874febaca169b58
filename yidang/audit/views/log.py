"""The log's pages, for the audit administrator alone."""

import json
from base64 import b64encode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.audit import checkpoints, exporting, policy, queries, tree, verifying, witnesses, writer
from yidang.audit.checkpoints import CheckpointRefused
from yidang.audit.models import Entry, PersonalFacts, Verification
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, Unavailable, WrongState
from yidang.ui.paging import page_of_request

FILTERS = ("actor", "target", "event", "outcome", "since", "until")


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Entries, the latest first, narrowed by actor, target, event, outcome and time."""
    policy.require_reads_log(request.actor)
    asked = {name: request.GET.get(name, "").strip()[:100] for name in FILTERS}
    error = None
    try:
        rows = queries.search(**asked)
    except InvalidInput as refused:
        error, rows = refused, Entry.objects.none()
    page = page_of_request(request, rows, order_by=queries.order_of(**asked))
    context = {"page": page, "asked": asked, "error": error, "outcomes": ("done", "refused", "failed"), "tab": "log"}
    return render(request, "audit/log.html", context, status=422 if error else 200)


@require_GET
def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """One entry, with what stands beside the chain; that somebody looked is an entry as well."""
    policy.require_reads_log(request.actor)
    found = Entry.objects.filter(seq=seq).first()
    if found is None:
        raise NotFound()
    beside = PersonalFacts.objects.filter(entry_id=seq).first()
    with transaction.atomic():
        writer.write("audit.entry.seen", actor=request.actor, target_kind="entry", target=str(seq))
    try:
        facts = json.loads(found.body)
    except ValueError:
        facts = {}
    context = {
        "entry": found, "facts": facts, "lines": _lines(facts.get("facts", {})),
        "personal": _lines(json.loads(beside.body)) if beside else [], "has_personal": bool(facts.get("personal")),
        "proof": _proof(seq), "row": facts.get("row", ""),
    }  # fmt: skip
    return render(request, "audit/entry.html", context)


def _proof(seq: int) -> dict[str, object] | None:
    """The proof by the last checkpoint; none while no checkpoint covers the entry yet."""
    checkpoint = checkpoints.latest()
    if checkpoint is None or checkpoint.size < seq:
        return None
    try:
        parts = [b64encode(part).decode("ascii") for part in tree.inclusion(seq - 1, checkpoint.size)]
    except Unavailable:  # a log with holes; verification says which
        return None
    return {"size": checkpoint.size, "at": checkpoint.at, "parts": parts}


def _lines(facts: dict[str, object]) -> list[tuple[str, str]]:
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in facts.items()
    ]


@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """The checks of the whole log, the newest first; posting asks for one, which goes on when the page is left."""
    policy.require_reads_log(request.actor)
    refusal, kept = None, request.POST.get("kept", "")
    if request.method == "POST":
        try:
            verifying.ask_verification(kept=kept, actor=request.actor, now=clock.now())
            return HttpResponseRedirect(reverse("audit:verification"))
        except (CheckpointRefused, WrongState) as error:
            refusal = f"{error} {error.remedy}".strip()
    page = page_of_request(request, Verification.objects.all(), order_by=("-asked_at", "-id"))
    newest = page.items[0] if page.items else None
    context = {"page": page, "newest": newest, "witnesses": len(witnesses.configured()), "tab": "verification", "refusal": refusal, "kept": kept}  # fmt: skip
    return render(request, "audit/verification.html", context, status=422 if refusal else 200)


@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole log without personal facts, with the verifier, as one ZIP that is written while it is read."""
    response = StreamingHttpResponse(exporting.stream_log(actor=request.actor), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="yidang-log-{localtime(clock.now()):%Y%m%d-%H%M}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """The newest check as it stands now, for the page that watches it."""
    policy.require_reads_log(request.actor)
    newest = Verification.objects.order_by("-asked_at", "-id").first()
    return render(request, "audit/_newest.html", {"newest": newest})
