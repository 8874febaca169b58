"""Reading kept documents: their text, page counts, and what opening them whole finds."""

from collections.abc import Callable

from django.db import transaction

from yidang import formats, search
from yidang.catalogue.models import Document
from yidang.common import clock
from yidang.digitisation.files import converted, file_of
from yidang.digitisation.models import LateFinding
from yidang.formats import ReadingFailed
from yidang.formats.deeds import recognise_page
from yidang.formats.findings import Finding

FAILED = "failed"


def read_text(document: Document) -> bool:
    """Read a document's own text into the index; answers whether pages are left that need recognition."""
    path, known = file_of(document)
    try:
        pages = formats.extract_text(path, known, derived=converted(document))
    except ReadingFailed as failure:
        keep_findings(document, [failure.finding])
        Document.objects.filter(pk=document.pk).update(text_state=FAILED)
        return False
    if document.pages is None and pages:
        Document.objects.filter(pk=document.pk, pages=None).update(pages=len(pages))
    if any(page.needs_ocr for page in pages):
        if any(page.text.strip() for page in pages):
            search.put_page_text(document.record, document.number, [page.text for page in pages])
            Document.objects.filter(pk=document.pk).update(text_state="pending")
        return True
    search.put_page_text(document.record, document.number, [page.text for page in pages])
    return False


def recognise(document: Document, *, resume: list[str], progress: Callable[[list[str], int], None]) -> None:
    """Recognise the pages without text, one at a time so that the work resumes where it was stopped.

    :param resume: texts of the pages that an earlier attempt finished
    :param progress: told the texts so far and how many pages are left
    """
    path, known = file_of(document)
    try:
        own = formats.extract_text(path, known, derived=converted(document))
    except ReadingFailed as failure:
        keep_findings(document, [failure.finding])
        Document.objects.filter(pk=document.pk).update(text_state=FAILED)
        return
    texts = list(resume)
    for page in own[len(texts) :]:
        texts.append(_recognised(document, page.page) if page.needs_ocr else page.text)
        progress(texts, len(own) - len(texts))
    search.put_page_text(document.record, document.number, texts)


def _recognised(document: Document, page: int) -> str:
    path, known = file_of(document)
    try:
        return recognise_page(path, known, page).text
    except ReadingFailed as failure:
        keep_findings(document, [failure.finding])
        return ""


def check_whole(document: Document) -> list[Finding]:
    """Render every page and open Office files; what is wrong attaches to the document."""
    path, known = file_of(document)
    found = formats.check_fully(path, document.name, known, derived=converted(document))
    wrong = [finding for finding in found if finding.level != "pass"]
    keep_findings(document, wrong)
    return wrong


def keep_findings(document: Document, found: list[Finding]) -> None:
    """Attach findings to a kept document; the same one twice is one."""
    now = clock.now()
    with transaction.atomic():
        known = set(LateFinding.objects.filter(document=document).values_list("code", flat=True))
        LateFinding.objects.bulk_create(
            LateFinding(
                document=document, check_code=finding.check, property=finding.property, level=finding.level,
                code=finding.code, params=dict(finding.params), at=now,
            )
            for finding in found if finding.code not in known
        )  # fmt: skip


def needs_whole_check(document: Document) -> bool:
    """Whether the door looked at a part only: more pages than the first, or a format that LibreOffice must open."""
    _path, known = file_of(document)
    return known.kind == "office" or (document.pages or 0) > 1
