"""The log's pages, for the audit administrator alone."""

import json
import time
from itertools import islice

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from yidang.audit import checkpoints, policy, queries, writer
from yidang.audit.models import Entry, PersonalFacts
from yidang.audit.verify import verify
from yidang.common.errors import InvalidInput, NotFound
from yidang.ui.paging import page_of_request

FILTERS = ("actor", "target", "event", "outcome", "since", "until")
MOST_FAULTS = 50


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
    page = page_of_request(request, rows, order_by=("-seq",))
    context = {"page": page, "asked": asked, "error": error, "outcomes": ("done", "refused", "failed")}
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
    }  # fmt: skip
    return render(request, "audit/entry.html", context)


def _lines(facts: dict[str, object]) -> list[tuple[str, str]]:
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in facts.items()
    ]


@require_POST
def verification(request: HttpRequest) -> HttpResponse:
    """Walk the chain now and say what was found."""
    policy.require_reads_log(request.actor)
    began = time.monotonic()
    faults = list(islice(verify(), MOST_FAULTS))
    seconds = time.monotonic() - began
    with transaction.atomic():
        taken = checkpoints.take()
        writer.write(
            "audit.log.verified", actor=request.actor, outcome="failed" if faults else "done",
            facts={"entries": taken.size, "faults": len(faults)},
        )  # fmt: skip
    context = {"faults": faults, "size": taken.size, "seconds": seconds, "note": taken.signed()}
    return render(request, "audit/verification.html", context)
