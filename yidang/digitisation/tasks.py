"""Later work: text after the receipt, recognition of scans, the check of whole documents."""

from django.db import transaction

from yidang import jobs
from yidang.catalogue.models import Document
from yidang.digitisation import reading
from yidang.jobs import JobRun

# The heartbeat keeps these leases while the worker lives; after a crash another waits no longer than this.
LEASE = 30


@jobs.task("digitisation.extract", retries=3, lease_seconds=LEASE, priority=-5, at_once=2, group=16)
def extract(runs: list[JobRun]) -> None:
    """Read the texts of the records' documents; ask for recognition where there is none, and for the whole check."""
    records = [run.job.ids["record_id"] for run in runs]
    documents = Document.objects.filter(record_id__in=records, text_state=reading.PENDING).select_related("record")
    readings = reading.read(list(documents))
    with transaction.atomic():
        for run in runs:
            run.check_lease()
        for one in readings:
            reading.put(one)
            ask = {"key": f"document {one.document.pk}", "document_id": one.document.pk}
            if one.needs_recognition:
                jobs.later("digitisation.recognise", **ask)
            if one.whole:
                jobs.later("digitisation.check", **ask)


@jobs.task("digitisation.recognise", retries=3, lease_seconds=LEASE, priority=5, at_once=1)
def recognise(run: JobRun, *, document_id: int) -> None:
    """Recognise a scan page by page; killed anywhere, it goes on after the last finished page."""
    document = Document.objects.select_related("record").get(pk=document_id)

    def progress(done: int, left: int) -> None:
        run.progress(done=done, left=left, cursor=done)

    reading.recognise(document, done=run.cursor or 0, progress=progress)


@jobs.task("digitisation.check", retries=3, lease_seconds=LEASE, priority=3, at_once=1)
def check(run: JobRun, *, document_id: int) -> None:
    """Open a document whole; findings attach, they never un-keep."""
    reading.check_whole(Document.objects.select_related("record").get(pk=document_id))
