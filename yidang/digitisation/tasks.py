"""Later work: text after the receipt, recognition of scans, the check of whole documents."""

from typing import Any

from yidang import jobs
from yidang.catalogue.models import Document
from yidang.digitisation import reading
from yidang.jobs import JobRun


@jobs.task("digitisation.extract", retries=3, lease_seconds=180, priority=-5)
def extract(run: JobRun, *, record_id: int) -> None:
    """Read the text of a record's documents; ask for recognition where there is none."""
    documents = Document.objects.filter(record_id=record_id, text_state="pending").select_related("record")
    for document in documents:
        if reading.read_text(document):
            jobs.later("digitisation.recognise", key=f"document {document.pk}", document_id=document.pk)
        if reading.needs_whole_check(document):
            jobs.later("digitisation.check", key=f"document {document.pk}", document_id=document.pk)


@jobs.task("digitisation.recognise", retries=3, lease_seconds=300, priority=5, at_once=1)
def recognise(run: JobRun, *, document_id: int) -> None:
    """Recognise a scan page by page; killed anywhere, it goes on after the last finished page."""
    document = Document.objects.select_related("record").get(pk=document_id)

    def progress(texts: list[str], left: int) -> None:
        run.progress(done=len(texts), left=left, cursor=texts)

    cursor: Any = run.cursor
    reading.recognise(document, resume=cursor or [], progress=progress)


@jobs.task("digitisation.check", retries=3, lease_seconds=300, priority=3, at_once=1)
def check(run: JobRun, *, document_id: int) -> None:
    """Open a document whole; findings attach, they never un-keep."""
    reading.check_whole(Document.objects.select_related("record").get(pk=document_id))
