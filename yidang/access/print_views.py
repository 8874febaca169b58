"""打印与摘页下载: which pages and how many copies; then the PDF, once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yidang.access import actions, printing
from yidang.access.models import Printout
from yidang.catalogue import policy
from yidang.common import clock
from yidang.common.errors import InvalidInput


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The form of a print, and the order."""
    return _ask(request, public_id, number, Printout.PRINT)


@require_http_methods(["GET", "POST"])
def ask_copy(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The form of a copy of single pages, and the order."""
    return _ask(request, public_id, number, Printout.COPY)


def _ask(request: HttpRequest, public_id: UUID, number: int, action: str) -> HttpResponse:
    record = policy.require(public_id, actor=request.actor)
    policy.require_clause(request.actor, action, record, parts=True)
    document = actions.document_of(record, number)
    error: InvalidInput | None = None
    if request.method == "POST":
        pages, copies, now = request.POST.get("pages", "")[:200], request.POST.get("copies", "1"), clock.now()
        try:
            if action == Printout.COPY:
                printout = printing.order_copy(record, number, pages=pages, actor=request.actor, now=now)
            else:
                printout = printing.order_print(
                    record, number, pages=pages, actor=request.actor, now=now,
                    copies=int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 4 else 0,
                )  # fmt: skip
            return redirect("access:printout", printout.public_id)
        except InvalidInput as refused:
            error = refused
    context = {
        "record": record, "document": document, "typed": request.POST, "refusal": error, "copying": action == Printout.COPY,
    }  # fmt: skip
    return render(request, "access/print.html", context, status=422 if error else 200)


@require_GET
def fetch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The PDF, to the session that ordered it, once."""
    printout = printing.take_print(public_id, actor=request.actor, now=clock.now())
    content = printing.print_pdf(printout, request.actor)
    printing.require_standing(printout, actor=request.actor, now=clock.now())  # it may have ended while it was drawn
    response = HttpResponse(content, content_type="application/pdf")
    name = "print" if printout.action == Printout.PRINT else "pages"
    response["Content-Disposition"] = f'attachment; filename="{name}-{printout.public_id}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
