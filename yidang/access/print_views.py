"""打印: which pages and how many copies; then the PDF, once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yidang.access import actions, printing
from yidang.catalogue import policy
from yidang.common import clock
from yidang.common.errors import InvalidInput


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The form, and the order."""
    record = policy.require(public_id, actor=request.actor)
    policy.require_clause(request.actor, "print", record, parts=True)
    document = actions.document_of(record, number)
    error: InvalidInput | None = None
    if request.method == "POST":
        copies = request.POST.get("copies", "1")
        try:
            printout = printing.order_print(
                record, number, pages=request.POST.get("pages", "")[:200], actor=request.actor, now=clock.now(),
                copies=int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 4 else 0,
            )  # fmt: skip
            return redirect("access:printout", printout.public_id)
        except InvalidInput as refused:
            error = refused
    context = {"record": record, "document": document, "typed": request.POST, "refusal": error}
    return render(request, "access/print.html", context, status=422 if error else 200)


@require_GET
def fetch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The PDF, to the session that ordered it, once."""
    printout = printing.take_print(public_id, actor=request.actor, now=clock.now())
    content = printing.print_pdf(printout, request.actor)
    printing.require_standing(printout, actor=request.actor, now=clock.now())  # it may have ended while it was drawn
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="print-{printout.public_id}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
