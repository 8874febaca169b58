"""Whether the program is alive, and figures for Prometheus, without a word about people or records."""

from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yidang.audit.models import Head
from yidang.jobs.models import Job
from yidang.people.public import public, quiet


@public
@quiet("It says only that the program is alive.")
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@public
@quiet("It holds counts, nothing of anybody.")
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts of jobs by state and the length of the log, in the text form of Prometheus."""
    lines = ["# HELP yidang_jobs Jobs by state.", "# TYPE yidang_jobs gauge"]
    for state, count in Job.objects.values_list("state").annotate(n=Count("id")).order_by("state"):
        lines.append(f'yidang_jobs{{state="{state}"}} {count}')
    size = Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    lines += [
        "# HELP yidang_log_entries Entries of the log.",
        "# TYPE yidang_log_entries counter",
        f"yidang_log_entries {size}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
